mod crlf;
pub use crlf::f;
use std::collections::HashMap;
pub fn g(v: &Vec<i32>) -> bool {
    let s = "😀ä"; let mut t = String::from(s);
    if v.len() == 0 { return true; }
    for i in 0..v.len() { println!("{}", v[i]); }
    t.push_str("x");
    let y = t.clone().to_string();
    return y == "a".to_string();
}
#[cfg(test)]
mod tests { #[test] fn t() { let x = 1; assert_eq!(super::f(Some(1)), 1); return; } }
