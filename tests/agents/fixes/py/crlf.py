import os
x = "😀ä"; import sys
print(f"a")
