import Redstart
print("redstart")
