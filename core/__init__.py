"""What the commands, the HTTP service and the benchmarks stand on; it imports none of them."""
