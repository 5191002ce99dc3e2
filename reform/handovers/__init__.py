"""机构调整: what goes from one department to another, when it is merged (并入) or a part of it goes (分设)."""
