// What a file offers to others, language by language, and what of it a change takes away.
#include "analyzers/public_api.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

std::string offered(std::string_view path, std::string_view text) {
  std::string all;
  for (const ApiDeclaration& one : public_api(path, text)) all += one.name + " = " + one.form + "\n";
  return all;
}

TEST(PublicApi, Python) {
  constexpr std::string_view kText = R"(import os
LIMIT: int = 3
_own = 1

def buy(cart,   # what
        count=1,
) -> dict[str, int]:
    def inner(): pass
    return {}

def _helper(): pass

@cached
class Shop(Base):
    size = 1
    def __init__(self, name): pass
    def open(self): pass
    def _close(self): pass
)";
  EXPECT_EQ(offered("shop/cart.py", kText),
            "LIMIT = LIMIT: int\nbuy = def buy(cart, count=1) -> dict[str, int]\nShop = @cached class "
            "Shop(Base)\nShop.__init__ = def __init__(self, name)\nShop.open = def open(self)\n");
  EXPECT_EQ(offered("shop/cart.py", "__all__ = ['b']\ndef a(): pass\ndef b(): pass\n"), "b = def b()\n");
  for (const char* path : {"shop/_cart.py", "tests/test_cart.py", "_own/cart.py"})
    EXPECT_EQ(offered(path, kText), "") << path;
  EXPECT_NE(offered("shop/__init__.py", kText), "");
}

TEST(PublicApi, JavaScriptAndTypeScript) {
  EXPECT_EQ(offered("a.js",
                    "export function f(a, {b} = {}) { return 1 }\nfunction g(x) {}\nconst h = (y) => y;\nconst k = "
                    "1;\nexport { g, h as other };\nexport default g;\n"),
            "f = function f(a, {b} = {})\ng = function g(x)\nother = h = (y)\ndefault = function g(x)\n");
  EXPECT_EQ(offered("a.cjs",
                    "function g(x) {}\nfunction own() {}\nmodule.exports = { g, h: (a) => 1, K: 3 };\nexports.last = "
                    "function (b) {};\n"),
            "g = function g(x)\nh = (a)\nK = export K\nlast = function (b)\n");
  EXPECT_EQ(offered("a.ts",
                    "export interface Cart { size: number }\nexport class Shop { private own() {}\n #x() {}\n open(at: "
                    "number): void {} }\nexport const f = async (a: string): Promise<void> => {};\n"
                    "interface Own {}\nexport type Id = string;\nexport enum Size { small, big }\n"),
            "Cart = interface Cart { size: number }\nShop = class Shop\nShop.open = open(at: number): void\nf = f = "
            "async (a: string): Promise<void>\nId = type Id = string\nSize = enum Size { small, big }\n");
  EXPECT_EQ(offered("a.test.js", "export function f() {}\n"), "");
}

TEST(PublicApi, GoRustJava) {
  EXPECT_EQ(offered("shop/cart.go",
                    "package shop\n\ntype Cart struct {\n\tSize int\n\town int\n}\n\nfunc (c *Cart) Add(n int) error { "
                    "return nil }\nfunc (c *Cart) own() {}\nfunc Buy(n int) {}\nfunc own() {}\nconst Limit = 3\n"
                    "type Seller interface {\n\tSell(n int)\n}\n"),
            "Cart = type Cart struct\nCart.Size = Size int\nCart.Add = func (c *Cart) Add(n int) error\nBuy = func "
            "Buy(n int)\nLimit = Limit\nSeller = Seller interface { Sell(n int) }\n");
  EXPECT_EQ(offered("main.go", "package main\nfunc Buy() {}\n"), "");
  EXPECT_EQ(offered("internal/a.go", "package a\nfunc Buy() {}\n"), "");
  EXPECT_EQ(offered("src/lib.rs",
                    "pub struct Cart { pub size: u8 }\nstruct Own;\nimpl Cart { pub fn add(&self, n: u8) -> u8 { n } "
                    "fn own(&self) {} }\nimpl Clone for Cart { fn clone(&self) -> Cart { todo!() } }\n"
                    "pub mod deep { pub fn f() {} fn g() {} }\npub(crate) fn inside() {}\npub trait Sell { fn "
                    "sell(&self, n: u8); }\npub const LIMIT: u8 = 3;\n"),
            "Cart = pub struct Cart\nCart::add = pub fn add(&self, n: u8) -> u8\ndeep::f = pub fn f()\nSell = pub "
            "trait Sell\nSell::sell = fn sell(&self, n: u8)\nLIMIT = pub const LIMIT: u8\n");
  EXPECT_EQ(
      offered("Cart.java",
              "package a;\npublic class Cart extends Box {\n  public int size = 1;\n  public Cart(int n) {}\n  public "
              "int add(int n) { return n; }\n  int own() { return 1; }\n  public interface Sell { void sell(int n); "
              "}\n}\nclass Own { public void f() {} }\n"),
      "Cart = public class Cart extends Box\nCart.size = public int size\nCart.Cart = public Cart(int n)\nCart.add = "
      "public int add(int n)\nCart.Sell = public interface Sell\nCart.Sell.sell = void sell(int n)\n");
}

TEST(PublicApi, HeadersOfCAndCpp) {
  EXPECT_EQ(offered("shop/cart.h", R"(#ifndef CART_H
#define CART_H
#define TWICE(x) ((x) * 2)
namespace shop {
namespace { int hidden(); }
enum class Size { small, big };
using Id = int;
class Cart : public Box {
  int own();
 public:
  Cart(int n) : n_(n) {}
  int add(int n) const;  // adds
  virtual const std::string& name() const = 0;
 private:
  int n_;
};
template <class T>
T most(T a, T b) { return a; }
int buy(int n);
int buy(int n, int at);
}
extern "C" { void plain(void); }
#endif
)"),
            "TWICE = #define TWICE(x)\nshop::Size = enum class Size { small, big }\nshop::Id = using Id = "
            "int\nshop::Cart = class Cart : public Box\nshop::Cart::Cart = Cart(int n)\n"
            "shop::Cart::add = int add(int n) const\nshop::Cart::name = virtual const std::string& name() const = "
            "0\nshop::most = template <class T> T most(T a, T b)\nshop::buy = int buy(int n)\nshop::buy = int buy(int "
            "n, int at)\n"
            "plain = void plain(void)\n");
  EXPECT_EQ(offered("cart.cpp", "int buy(int n) { return n; }\n"), "");
}

// "name: before -> after", for every one that others lose or meet in another form.
std::string changed(std::string_view path, std::string_view was, std::string_view now) {
  std::string all;
  for (const ApiChange& one : api_changes(public_api(path, was), public_api(path, now)))
    all += one.name + ": " + one.before + " -> " + (one.after.empty() ? "gone" : one.after) + "\n";
  return all;
}

TEST(PublicApi, WhatAChangeTakesAway) {
  EXPECT_EQ(changed("a.py", "def f(a):\n    return a\n",
                    "def f( a ):\n    # other inside\n    return a + 1\n\n\ndef g():\n    pass\n"),
            "")
      << "neither layout, nor a body, nor what is new";
  EXPECT_EQ(changed("a.py", "def f(a): pass\ndef g(): pass\ndef _own(): pass\n", "def f(a, b): pass\n"),
            "f: def f(a) -> def f(a, b)\ng: def g() -> gone\n");
  EXPECT_EQ(changed("a.h", "int f(int);\nint f(long);\n", "int f(int);\nint f(char);\n"),
            "f: int f(long) -> int f(char)\n")
      << "of the overloaded one form alone";
  EXPECT_EQ(changed("a.h", "int f(int);\nint f(long);\n", "int f(int);\n"), "f: int f(long) -> gone\n");
  EXPECT_EQ(changed("a.go", "package a\nfunc F() {}\n", ""), "F: func F() -> gone\n");
}

}  // namespace
}  // namespace baton
