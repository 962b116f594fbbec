#include "h.h"
#include <stdio.h>
int* z = hp();
