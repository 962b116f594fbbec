// 😀
pub fn f(x: Option<i32>) -> i32 {
    return x.unwrap_or(0);
}
