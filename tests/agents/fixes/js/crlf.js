var a = "😀ä"; var b = "x"
/* 😀 */ let c = "y"
