import pytest

on_a_phone = pytest.mark.browser_context_args(
    viewport={"width": 390, "height": 844}, device_scale_factor=2, has_touch=True, is_mobile=True
)
