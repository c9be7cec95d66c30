"""The back-office pages of partners and harvests."""
