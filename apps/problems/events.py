"""What the bank tells the apps above it. Receivers run inside the transaction of the change."""

from django.dispatch import Signal

# A problem is no longer to be sent. kwargs: problem_id (int).
problem_archived = Signal()
