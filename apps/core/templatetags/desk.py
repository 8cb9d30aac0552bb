"""Filters of the admin's own templates."""

from django import template

from apps.core.ages import age, dated_age

register = template.Library()
register.filter("age", age)
register.filter("dated_age", dated_age)
