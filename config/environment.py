"""Variables of the environment, typed; what cannot be read is refused in a sentence that names the variable."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvValidationError, validate

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()


def number(name: str, default: int, least: int = 0, most: int | None = None) -> int:
    """What is out of these bounds would shut people out, or let them in, only when somebody comes."""
    try:
        return env.int(name, default, validate=validate.Range(least, most))
    except EnvValidationError as error:
        bounds = f"不小于 {least} " if most is None else f" {least} 至 {most} "
        raise ImproperlyConfigured(f"{name} 应为{bounds}的整数（{error}）。") from error


def switch(name: str, default: bool) -> bool:
    try:
        return env.bool(name, default)
    except EnvValidationError as error:
        raise ImproperlyConfigured(f"{name} 应为 on 或 off（{name} must be on or off）。") from error


def words(name: str) -> list[str]:
    return [word.strip() for word in env.str(name, "").split(",") if word.strip()]


def place(name: str, default: Path) -> Path:
    """A relative one begins at the program's folder, wherever the process was started. Given but empty is not given."""
    return BASE_DIR / (env.str(name, "") or default)
