"""The layers that every request passes before its handler: WSGI, for any application."""
