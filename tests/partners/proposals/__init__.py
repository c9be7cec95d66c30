"""The open door: projects proposed by porteurs whose platform is no member."""
