"""督察核查: plans reported 已完成 are drawn or picked, checked, and marked."""
