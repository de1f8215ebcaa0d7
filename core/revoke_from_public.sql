-- Takes from everybody what each function is born with.
revoke execute on all routines in schema plumb, plumb_guide, plumb_rules from public
