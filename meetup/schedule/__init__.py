"""When: zones, rules, phrases and the frozen series. Everything here is pure."""
