var a = "😀ä"; var b = "x"
/* 😀 */ var c = "y"; if (a == b) {}
