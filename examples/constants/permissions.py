"""Who may do what with a file, as flags, which have the values of the system's own bits."""

from ropewalk.python import filepath
from ropewalk.python.constants import FlagConstant, Flags


class Permission(Flags):
    """Each bit of a file's mode, the lowest first."""

    OTHER_EXECUTE = FlagConstant()
    OTHER_WRITE = FlagConstant()
    OTHER_READ = FlagConstant()
    GROUP_EXECUTE = FlagConstant()
    GROUP_WRITE = FlagConstant()
    GROUP_READ = FlagConstant()
    USER_EXECUTE = FlagConstant()
    USER_WRITE = FlagConstant()
    USER_READ = FlagConstant()

    @classmethod
    def format(cls, permissions):
        """Return them as ``ls -l`` does."""
        return filepath.Permissions(permissions.value).shorthand()


if __name__ == "__main__":
    mode = Permission.USER_READ | Permission.USER_WRITE
    print(mode, oct(mode.value))
    print(Permission.format(mode | Permission.GROUP_READ | Permission.OTHER_READ))
    print(Permission.format(~Permission.USER_WRITE))
