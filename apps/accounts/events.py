"""What accounts tells the apps above it."""

from django.dispatch import Signal

# Somebody is being erased; receivers remove what they hold on the person and keep anonymous counts.
# Sent inside the transaction, before the person's own row is emptied. kwargs: user (User).
user_erased = Signal()
