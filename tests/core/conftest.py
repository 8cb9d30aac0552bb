from tests.staff import published

__all__ = ["published"]
