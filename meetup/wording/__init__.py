"""Words on the floor of the house: locales and the lint, which feeds and messages both need."""
