"""A migration as Django makes them: add, rename, drop, other types, data and DDL together."""

import django

django.setup()

from django.db import connection, models  # noqa: E402
from oscar.core.loading import get_model  # noqa: E402

Order = get_model("order", "Order")
Line = get_model("order", "Line")


def named(field, name):
    """Return a field with a name and the model of orders."""
    field.set_attributes_from_name(name)
    field.model = Order
    return field


def main():
    """Change the tables of orders and put back what another name would break."""
    channel = named(models.CharField(max_length=10, default="web"), "channel")
    guest = Order._meta.get_field("guest_email")
    contact = named(models.EmailField(blank=True), "contact")
    total = Order._meta.get_field("total_incl_tax")
    wider = named(models.DecimalField(max_digits=14, decimal_places=2), "total_incl_tax")
    with connection.schema_editor() as editor:
        editor.add_field(Order, channel)
        with connection.cursor() as cursor:
            cursor.execute(
                "update order_order set channel = 'shop', total_incl_tax = total_incl_tax"
            )
        editor.alter_field(Order, total, wider)
        editor.alter_field(Order, guest, contact)
    with connection.schema_editor() as editor:
        editor.alter_field(Order, contact, guest)
        editor.remove_field(Order, channel)
        editor.alter_db_table(Line, "order_line", "order_position")
    with connection.schema_editor() as editor:
        editor.alter_db_table(Line, "order_position", "order_line")


main()
