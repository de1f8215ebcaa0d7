"""The HTTP face of Plumbline: it shows what the database knows and decides nothing itself."""
