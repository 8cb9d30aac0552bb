"""Which site the admin is: ours, which asks for a second factor."""

from django.contrib.admin.apps import AdminConfig


class DeskConfig(AdminConfig):
    """Stands for django.contrib.admin in INSTALLED_APPS."""

    default_site = "apps.accounts.desk.site.DeskSite"
