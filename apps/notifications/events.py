"""What notifications tells whoever listens. Receivers run inside the planner's transaction."""

from django.dispatch import Signal

# Subscribers for whom the bank holds nothing more. kwargs: subscription_ids (list of int).
supply_low = Signal()
