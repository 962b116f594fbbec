#pragma once
#define NULLP 0
struct B { virtual ~B() {} virtual void f(); virtual int g() const; };
struct D : public B { virtual ~D(); virtual void f(); int g() const; int* p = 0; };
inline int* hp() { return 0; }
