"""Settings of a shop on django-oscar, as its documentation has them, without a front."""

import os

from oscar.defaults import *  # noqa: F403

SECRET_KEY = "for a test"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ["SHOP_NAME"],
        "HOST": os.environ["SHOP_HOST"],
        "PORT": os.environ["SHOP_PORT"],
        "USER": os.environ["SHOP_USER"],
        "PASSWORD": os.environ.get("PGPASSWORD", ""),
    }
}
OSCAR_APPS = {
    "config": "Shop",
    "apps.analytics": "Analytics",
    "apps.checkout": "Checkout",
    "apps.address": "Address",
    "apps.shipping": "Shipping",
    "apps.catalogue": "Catalogue",
    "apps.catalogue.reviews": "CatalogueReviews",
    "apps.communication": "Communication",
    "apps.partner": "Partner",
    "apps.basket": "Basket",
    "apps.payment": "Payment",
    "apps.offer": "Offer",
    "apps.order": "Order",
    "apps.customer": "Customer",
    "apps.search": "Search",
    "apps.voucher": "Voucher",
    "apps.wishlists": "Wishlists",
    "apps.dashboard": "Dashboard",
    "apps.dashboard.reports": "ReportsDashboard",
    "apps.dashboard.users": "UsersDashboard",
    "apps.dashboard.orders": "OrdersDashboard",
    "apps.dashboard.catalogue": "CatalogueDashboard",
    "apps.dashboard.offers": "OffersDashboard",
    "apps.dashboard.partners": "PartnersDashboard",
    "apps.dashboard.pages": "PagesDashboard",
    "apps.dashboard.ranges": "RangesDashboard",
    "apps.dashboard.reviews": "ReviewsDashboard",
    "apps.dashboard.vouchers": "VouchersDashboard",
    "apps.dashboard.communications": "CommunicationsDashboard",
    "apps.dashboard.shipping": "ShippingDashboard",
}
INSTALLED_APPS = [
    *(
        f"django.contrib.{name}"
        for name in (
            "admin",
            "auth",
            "contenttypes",
            "sessions",
            "messages",
            "staticfiles",
            "sites",
            "flatpages",
        )
    ),
    *(
        f"oscar.{place}.{name}" if place == "config" else f"oscar.{place}.apps.{name}Config"
        for place, name in OSCAR_APPS.items()
    ),
    "widget_tweaks",
    "haystack",
    "treebeard",
    "django_tables2",
]
SITE_ID = 1
USE_TZ = True
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
OSCAR_DEFAULT_CURRENCY = "EUR"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
TEMPLATES = [
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {}}
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
# Of the front, which is not there.
SILENCED_SYSTEM_CHECKS = ["treebeard.E001", "admin.E402", "admin.E403", "admin.E404", "admin.W411"]
