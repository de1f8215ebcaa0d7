"""What guarding costs, measured with pgbench on a server with production-like settings.

A benchmark is one module here with a `DESCRIPTION` and `measure(lab, plan) -> list[Row]`;
its name is the module's. lab.py is the server that they measure on, shops.py what it is filled
with.
"""
