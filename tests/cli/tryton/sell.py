"""Trades with Tryton's own code: purchases, sales, shipments, invoices, payments, returns."""

import os
import random
from decimal import Decimal

from proteus import Model, Wizard, config
from trytond.tests.tools import activate_modules

MODULES = os.environ["TRADE_MODULES"].split()
IS_NEW = "IS_NEW" in os.environ
PURCHASES = 26 if IS_NEW else 9
SALES = 34 if IS_NEW else 11


def set_up():
    """Activate the modules and make a company with accounts, parties and products."""
    from trytond.modules.account.tests.tools import (
        create_chart,
        create_fiscalyear,
        create_tax,
        get_accounts,
    )
    from trytond.modules.account_invoice.tests.tools import (
        create_payment_term,
        set_fiscalyear_invoice_sequences,
    )
    from trytond.modules.company.tests.tools import create_company, get_company

    activate_modules(MODULES)
    create_company()
    company = get_company()
    year = set_fiscalyear_invoice_sequences(create_fiscalyear(company))
    year.click("create_period")
    create_chart(company)
    accounts = get_accounts(company)
    journal = Model.get("account.journal").find([("type", "=", "cash")])[0]
    Model.get("account.invoice.payment.method")(
        name="Cash",
        journal=journal,
        credit_account=accounts["cash"],
        debit_account=accounts["cash"],
    ).save()
    tax = create_tax(Decimal("0.20"))
    tax.save()
    create_payment_term().save()
    category = Model.get("product.category")(name="Goods", accounting=True)
    category.account_expense = accounts["expense"]
    category.account_revenue = accounts["revenue"]
    category.customer_taxes.append(tax)
    category.supplier_taxes.append(Model.get("account.tax")(tax.id))
    category.save()
    unit = Model.get("product.uom").find([("name", "=", "Unit")])[0]
    chance = random.Random(7)
    for number in range(24):
        template = Model.get("product.template")(name=f"Product {number}", type="goods")
        template.default_uom = unit
        template.salable = template.purchasable = True
        template.list_price = Decimal(chance.randint(5, 400))
        template.account_category = category
        template.save()
    for number in range(25):
        Model.get("party.party")(name=f"Party {number}").save()


def fill(document, products, chance, is_return):
    """Give an order one to four lines."""
    for product in chance.sample(products, chance.randint(1, 4)):
        line = document.lines.new()
        line.product = product
        line.quantity = float(chance.randint(1, 9)) * (-1 if is_return else 1)
        if hasattr(line, "unit_price") and not line.unit_price:
            line.unit_price = Decimal(chance.randint(2, 300))


def settle(invoices, chance):
    """Post the invoices and pay most of them."""
    method = Model.get("account.invoice.payment.method").find([])[0]
    for invoice in invoices:
        if not invoice.invoice_date:
            invoice.invoice_date = config.get_config().today
        invoice.click("post")
        if chance.random() < 0.75 and invoice.total_amount > 0:
            pay = Wizard("account.invoice.pay", [invoice])
            pay.form.payment_method = method
            pay.execute("choice")


def buy(number, chance, parties, products, term):
    """Order goods, receive them, post and pay the invoice."""
    purchase = Model.get("purchase.purchase")(party=chance.choice(parties), payment_term=term)
    purchase.invoice_method = "order"
    fill(purchase, products, chance, is_return=False)
    purchase.click("quote")
    if number % 9 == 8:
        purchase.click("cancel")
        return
    purchase.click("confirm")
    shipment = Model.get("stock.shipment.in")(supplier=purchase.party)
    for move in purchase.moves:
        shipment.incoming_moves.append(Model.get("stock.move")(move.id))
    shipment.click("receive")
    shipment.click("do")
    purchase.reload()
    settle(purchase.invoices, chance)


def sell(number, chance, parties, products, term):
    """Take an order, ship it, post and pay the invoice; some are returned or given up."""
    sale = Model.get("sale.sale")(party=chance.choice(parties), payment_term=term)
    sale.invoice_method = "order"
    fill(sale, products, chance, is_return=number % 8 == 7)
    sale.click("quote")
    if number % 11 == 10:
        sale.click("cancel")
        return
    sale.click("confirm")
    for shipment in sale.shipments:
        shipment.click("assign_force")
        shipment.click("pick")
        shipment.click("pack")
        shipment.click("do")
    for returned in sale.shipment_returns:
        returned.click("receive")
    sale.reload()
    settle(sale.invoices, chance)


def main():
    """Trade."""
    import datetime

    if IS_NEW:
        set_up()
    else:
        config.set_trytond()
    config.get_config().today = datetime.date.today()
    traded = len(Model.get("sale.sale").find([]))
    chance = random.Random(11 + traded)
    parties = Model.get("party.party").find([("name", "like", "Party %")])
    products = Model.get("product.product").find([])
    term = Model.get("account.invoice.payment_term").find([])[0]
    for number in range(PURCHASES):
        buy(number, chance, parties, products, term)
    for number in range(SALES):
        sell(number, chance, parties, products, term)


main()
