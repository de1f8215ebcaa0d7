"""Changes the database as Tryton does: a module more, columns and tables by its own handler."""

import os

from proteus import Model, Wizard, config
from sql import Table

MODULE = "sale_opportunity"


def main():
    """Activate a module, then change tables and put back what another name would break."""
    config.set_trytond()
    modules = Model.get("ir.module").find([("name", "=", MODULE)])
    modules[0].click("activate")
    Wizard("ir.module.activate_upgrade").execute("upgrade")

    from trytond.backend import TableHandler
    from trytond.pool import Pool
    from trytond.transaction import Transaction

    def change(*steps):
        with Transaction().start(os.environ["DB_NAME"], 0) as transaction:
            cursor = transaction.connection.cursor()
            handler = Pool().get("sale.sale").__table_handler__("sale")
            for step in steps:
                step(handler, cursor)
            transaction.commit()

    sale = Table("sale_sale")

    def fill(_handler, cursor):
        cursor.execute(*sale.update([sale.channel, sale.number], ["shop", sale.number]))

    change(
        lambda handler, _: handler.add_column("channel", "VARCHAR"),
        fill,
        lambda handler, _: handler.alter_type("channel", "TEXT"),
        lambda handler, _: handler.column_rename("reference", "own_reference"),
    )
    change(
        lambda handler, _: handler.column_rename("own_reference", "reference"),
        lambda handler, _: handler.drop_column("channel"),
        lambda *_: TableHandler.table_rename("sale_line", "sale_position"),
    )
    change(lambda *_: TableHandler.table_rename("sale_position", "sale_line"))


main()
