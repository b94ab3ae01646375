"""Who: members, contact points, consent and subscriptions."""
