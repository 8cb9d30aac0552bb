"""How the admin looks: Unfold's settings. What its sidebar holds is config.admin_navigation's."""

from typing import Any

from django.urls import reverse_lazy

# The rust of mails and pages (apps.core.palette), as a scale.
_PRIMARY = {
    "50": "#fdf5f0",
    "100": "#fae6da",
    "200": "#f4cab3",
    "300": "#ecaa87",
    "400": "#e58a5c",
    "500": "#d2682f",
    "600": "#a9460f",
    "700": "#8c380a",
    "800": "#6f2d0a",
    "900": "#56240b",
    "950": "#311303",
}

FORMAT_MODULE_PATH = "config.formats"
LOGIN_REDIRECT_URL = "admin:index"
UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Daily Challenge",
    "SITE_HEADER": "Daily Challenge",
    "SITE_SUBHEADER": "Curators' desk",
    "SITE_URL": "/",
    "SITE_SYMBOL": "local_library",
    "SHOW_BACK_BUTTON": True,
    "COLORS": {"primary": _PRIMARY},
    "BORDER_RADIUS": "6px",
    "STYLES": ["config.admin_site.stylesheet"],
    "GLOBAL_CALLBACK": "config.admin_navigation.frame",
    "DASHBOARD_CALLBACK": "config.admin_dashboard.fill",
    "ACCOUNT": {
        "navigation": [
            {"title": "Change password", "link": reverse_lazy("admin:password_change")},
            {"title": "Second factor", "link": reverse_lazy("admin:second_factor_manage")},
        ],
    },
    "SIDEBAR": {
        "show_search": True,
        "navigation": "config.admin_navigation.navigation",
    },
}


def stylesheet(request: Any) -> str:
    """Our own few rules beside Unfold's."""
    from django.templatetags.static import static

    return static("admin/desk.css")
