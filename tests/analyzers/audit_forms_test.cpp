// One check in two forms, and beside each the form that asks less.
#include "tests/analyzers/audit_cases.h"

namespace baton {
namespace {

using namespace audit_cases;

struct Form {
  std::string was, is;
  const char* escalates = "";
  const char* task = "";
};

// Each is the body of a test; the test around it is the same on both sides.
void check_forms(const char* path, const std::string& head, const std::string& foot, const std::vector<Form>& forms) {
  for (const Form& one : forms) {
    const std::string name = one.was + "=> " + one.is;
    check(Case{name.c_str(), path, head + one.was + foot, head + one.is + foot, one.escalates, one.task});
  }
}

TEST(AuditForms, OutcomesInRust) {
  const std::string is_err = "    assert!(client.send(\"a b\").is_err());\n", is_ok = "    assert!(client.send(\"a b\").is_ok());\n";
  check_forms("tests/client.rs", "#[test]\nfn sends() {\n    let client = connect();\n", "}\n", {
      {is_err, "    client.send(\"a b\").expect_err(\"sent\");\n"},
      {is_err, "    let _ = client.send(\"a b\").unwrap_err();\n"},
      {is_err, "    let error = client.send(\"a b\").unwrap_err();\n    assert_eq!(error.kind(), Kind::Blank);\n"},
      {"    let sent = client.send(\"a b\");\n    assert!(sent.is_err());\n", "    let error = client.send(\"a b\").unwrap_err();\n    drop(error);\n"},
      {"    assert_eq!(client.send(\"a b\").is_err(), true);\n", "    client.send(\"a b\").unwrap_err();\n"},
      {is_ok, "    client.send(\"a b\").unwrap();\n"},
      {is_ok, "    client.send(\"a b\").expect(\"refused\");\n"},
      {is_ok, "    client.send(\"a b\")?;\n"},
      {"    assert!(client.get(\"a b\").is_some());\n", "    client.get(\"a b\").unwrap();\n"},
      {is_err, "    client.send(\"a b\").ok();\n", "assertion_removed"},
      {is_err, "    client.send(\"a b\").unwrap_or_default();\n", "assertion_removed"},
      {is_err, "    client.send(\"a b\").expect(\"sent\");\n", "assertion_removed"},
      {is_err, "    client.send(\"\").expect_err(\"sent\");\n", "question_changed", "Tidy up"},
      {is_ok, "    let _ = client.send(\"a b\");\n", "assertion_removed"},
      {is_ok, "    client.send(\"a b\").ok();\n", "assertion_removed"},
      {is_ok, "    if ready() {\n        client.send(\"a b\").unwrap();\n    }\n", "assertion_removed"},
      {"    client.send(\"a b\").unwrap_err();\n", is_err},
      {"    client.send(\"a b\").unwrap_err();\n", "    let _ = client.send(\"a b\");\n", "assertion_removed"},
      {"    client.send(\"a b\").expect_err(\"sent\");\n", "    let _ = client.send(\"a b\");\n", "assertion_removed"},
  });
}

TEST(AuditForms, PatternsInRust) {
  const std::string arms = "    match client.send(\"a b\") {\n        Err(Error::Blank) => {}\n        other => panic!(\"{:?}\", other),\n    }\n";
  const std::string matching = "    assert!(matches!(client.send(\"a b\"), Err(Error::Blank)));\n";
  check_forms("tests/client.rs", "#[test]\nfn sends() {\n    let client = connect();\n", "}\n", {
      {arms, matching},
      {matching, arms},
      {arms, "    assert_matches!(client.send(\"a b\"), Err(Error::Blank));\n"},
      {arms, "    assert_eq!(client.send(\"a b\"), Err(Error::Blank));\n"},
      {"    assert_eq!(client.send(\"a b\"), Err(Error::Blank));\n", matching},
      {"    if let Err(Error::Blank) = client.send(\"a b\") {\n    } else {\n        panic!(\"sent\");\n    }\n", matching},
      {matching, "    let Err(Error::Blank) = client.send(\"a b\") else { panic!(\"sent\") };\n"},
      {arms, "    assert!(client.send(\"a b\").is_err());\n", "assertion_removed"},
      {arms, "    assert!(matches!(client.send(\"a b\"), Err(_)));\n", "assertion_removed"},
      {arms, "    assert!(matches!(client.send(\"a b\"), _));\n", "assertion_weakened"},
      {arms, replaced(arms, "Err(Error::Blank)", "Err(_)"), "assertion_removed", "Tidy up"},
      {arms, replaced(arms, "Err(Error::Blank)", "Err(error)"), "assertion_removed", "Tidy up"},
      {arms, "    let _ = client.send(\"a b\");\n", "assertion_removed"},
      {"    assert_eq!(client.get(\"a b\"), Some(3));\n", "    assert!(matches!(client.get(\"a b\"), Some(_)));\n", "assertion_removed"},
  });
}

TEST(AuditForms, ErrorsInGo) {
  const std::string unequal = "\tif err != ErrBlank {\n\t\tt.Fatalf(\"got %v\", err)\n\t}\n", is_not = replaced(unequal, "err != ErrBlank", "!errors.Is(err, ErrBlank)");
  check_forms("calc_test.go", "package calc\n\nfunc TestSend(t *testing.T) {\n\terr := Send(\"a b\")\n", "}\n", {
      {unequal, is_not},
      {is_not, unequal},
      {unequal, "\tassert.ErrorIs(t, err, ErrBlank)\n"},
      {"\tassert.ErrorIs(t, err, ErrBlank)\n", is_not},
      {unequal, replaced(is_not, "ErrBlank", "ErrClosed"), "expectation_changed", "Tidy up"},
      {unequal, replaced(is_not, "!errors", "errors"), "assertion_weakened"},
      {unequal, replaced(unequal, "!= ErrBlank", "== nil"), "assertion_weakened"},
      {is_not, replaced(unequal, "!= ErrBlank", "== nil"), "assertion_weakened"},
      {replaced(unequal, "err != ErrBlank", "err.Error() != \"blank\""), is_not, "expectation_changed", "Tidy up"},
  });
}

// A test that is skipped where a module is missing, and one that is skipped for something else.
TEST(AuditForms, ModulesThatMayBeMissing) {
  const std::string tests = "\n\ndef test_open():\n    assert open_ws('a') == 1\n";
  const std::string mark = "pytestmark = pytest.mark.skip(reason='needs websockets')\n", none = "try:\n    import websockets\nexcept ImportError:\n    websockets = None\n";
  const std::string handled = "try:\n    import websockets\nexcept ImportError:\n    " + mark;
  const std::string by_condition = none + "pytestmark = pytest.mark.skipif(websockets is None, reason='needs websockets')\n", or_skip = "websockets = pytest.importorskip('websockets')\n";
  check_forms("tests/test_ws.py", "import pytest\n\nfrom app import open_ws\n\n", tests, {
      {by_condition, handled},
      {by_condition, replaced(handled, "ImportError", "ModuleNotFoundError as error")},
      {handled, by_condition},
      {or_skip, handled},
      {handled, or_skip},
      {"try:\n    import websockets\n    HAS = True\nexcept ImportError:\n    HAS = False\npytestmark = pytest.mark.skipif(not HAS, reason='a')\n", handled},
      {by_condition, "import websockets\n" + mark, "skip_added"},
      {by_condition, replaced(handled, "import websockets", "import no_such_module"), "skip_added"},
      {by_condition, replaced(handled, "import websockets", "import websockets\n    import no_such_module"), "skip_added"},
      {by_condition, replaced(handled, "import websockets", "raise ImportError"), "skip_added"},
      {by_condition, replaced(handled, "import websockets", "import websockets\n    open_ws('b')"), "skip_added"},
      {by_condition, replaced(handled, "except ImportError", "finally"), "skip_added"},
      {by_condition, "try:\n    import websockets\nexcept ImportError:\n    pass\nelse:\n    " + mark, "skip_added"},
      {by_condition, "try:\n    import websockets\n    " + mark + "except ImportError:\n    pass\n", "skip_added"},
      {or_skip, replaced(handled, "import websockets", "import no_such_module"), "skip_added"},
      {"import websockets\n", handled, "skip_added"},
  });
}

}  // namespace
}  // namespace baton
