from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "apps.core"

    def ready(self) -> None:
        from apps.core import (
            checks,  # noqa: F401 -- importing registers them
            doctor,
        )
        from apps.core.doctor import data, work

        doctor.register("settings", data.check_settings)
        doctor.register("database", data.check_database)
        doctor.register("clock", data.check_clock)
        doctor.register("zones", data.check_zones)
        doctor.register("broker", data.check_broker)
        doctor.register("cache", data.check_cache)
        doctor.register("static files", data.check_static_files)
        doctor.register("signs of life", work.check_signs_of_life)
        doctor.register("leader", work.check_leader)
        doctor.register("alerts", work.check_alerts)
