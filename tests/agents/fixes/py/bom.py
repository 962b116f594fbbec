import os, sys
x = "😀"; import json
if x == None:
    print("a")
d = dict(a=1)
