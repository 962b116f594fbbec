#include "orchestrator/journal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include "orchestrator/journal_schema.h"
#include "support/files.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

struct JournalTest : testing::Test {
  TemporaryFolder folder = std::move(*TemporaryFolder::make(fs::temp_directory_path(), "journal"));
  fs::path file = folder.path() / "journal.db";

  std::unique_ptr<Journal> open() {
    Result<std::unique_ptr<Journal>> journal = Journal::open(file);
    EXPECT_TRUE(journal.ok()) << journal.error().message;
    return std::move(*journal);
  }
  std::unique_ptr<SqlDatabase> raw(SqlAccess access = SqlAccess::read_write) {
    return std::move(*SqlDatabase::open(file, access));
  }
  std::string dump(const char* sql) {
    auto database = raw();
    SqlQuery query = std::move(*database->query(sql));
    std::string all;
    while (query.row()) all += query.text(0) + "\n";
    return all;
  }
};

Event event(std::string task, std::string kind, std::string body = "{}", std::string key = "",
            std::string actor = "cli:1") {
  Event e;
  e.task = std::move(task), e.kind = std::move(kind), e.body = std::move(body);
  e.idempotency_key = std::move(key), e.actor = std::move(actor);
  return e;
}

Event verified(std::string id, std::string key, std::string report) {
  return event(id, "verification_done", "{\"key\":\"" + key + "\",\"id\":\"" + id + "\",\"report\":" + report + "}", "",
               "verifier");
}

Event ran(std::string key, std::string evidence) {
  return event("v", "gate_ran", "{\"key\":\"" + key + "\",\"evidence\":" + evidence + "}", "", "verifier");
}

void check_error(const Status& status, std::string_view expected) {
  ASSERT_FALSE(status.ok()) << expected;
  EXPECT_NE(status.error().message.find(expected), std::string::npos) << status.error().message;
}

template <class T>
Status status_of(const Result<T>& result) {
  return result ? done() : Status(result.error());
}

TEST_F(JournalTest, KeepsEventsInOrder) {
  {
    auto journal = open();
    Event first = event("a", "one", "{\"n\":1}");
    first.subtask = "s", first.attempt = 2, first.version = 3, first.unix_ms = 1234;
    EXPECT_EQ(journal->append({first, event("b", "two"), event("a", "three", "")}).value(), 3);
    EXPECT_EQ(journal->append({}).value(), 0);
  }
  auto journal = open();
  std::vector<Event> a = journal->events("a", 0, 10).value();
  ASSERT_EQ(a.size(), 2u);
  EXPECT_TRUE(a[0].seq == 1 && a[0].unix_ms == 1234 && a[0].subtask == "s" && a[0].attempt == 2 && a[0].version == 3);
  EXPECT_TRUE(a[0].body == "{\"n\":1}" && a[0].kind == "one" && a[0].actor == "cli:1");
  EXPECT_TRUE(a[1].seq == 3 && a[1].kind == "three" && a[1].unix_ms > 1'600'000'000'000);
  EXPECT_EQ(journal->events("a", 1, 10).value().size(), 1u);
  EXPECT_EQ(journal->events("a", 0, 1).value().size(), 1u);
  EXPECT_EQ(journal->events("", 0, 10).value().size(), 3u);
}

TEST_F(JournalTest, EventsAreNeverChangedOrRemoved) {
  open()->append({event("a", "one")}).value();
  auto database = raw();
  check_error(database->execute("UPDATE event SET body = '{}'"), "never changed");
  check_error(database->execute("DELETE FROM event"), "never removed");
}

TEST_F(JournalTest, RefusesBadEventsWhole) {
  auto journal = open();
  check_error(status_of(journal->append({event("a", "one"), event("a", "two", "not json")})), "is not JSON");
  check_error(status_of(journal->append({event("a", "one"), event("a", "")})), "kind");
  check_error(status_of(journal->append({ran("k", "null")})), "evidence");
  EXPECT_TRUE(journal->events("", 0, 10).value().empty());
  EXPECT_EQ(journal->append({event("a", "one")}).value(), 1);
}

TEST_F(JournalTest, TheSameKeyAppendsOnce) {
  auto journal = open();
  std::int64_t first = journal->append({event("a", "one", "{}", "key")}).value();
  journal->append({event("a", "other")}).value();
  EXPECT_EQ(journal->append({event("a", "one", "{\"later\":1}", "key")}).value(), first);
  EXPECT_EQ(journal->events("a", 0, 10).value().size(), 2u);
  EXPECT_EQ(open()->append({event("a", "one", "{}", "key")}).value(), first);
}

TEST_F(JournalTest, AnswersFromItsProjections) {
  auto journal = open();
  EXPECT_FALSE(journal->latest_verification().value().has_value());
  journal->append({event("v1", "verification_started")}).value();
  journal->append({verified("v1", "k", R"({"verdict":"rejected","base":{"tree":"B"},"head":{"tree":"H"}})")}).value();
  journal->append({verified("v2", "k", R"("{\"verdict\":\"verified\",\"head\":{\"tree\":\"H2\"}}")")}).value();
  journal->append({ran("run", "\"abc\""), ran("run", "[\"abc\",\"def\"]"), ran("", "\"none\"")}).value();
  journal->append({event("v", "gate_ran", R"({"evidence":"x"})", "", "verifier")}).value();

  EXPECT_EQ(journal->find_verification("k").value()->id, "v2");
  EXPECT_EQ(journal->find_verification("k").value()->report, R"({"verdict":"verified","head":{"tree":"H2"}})");
  EXPECT_EQ(journal->verification("v1").value()->report,
            R"({"verdict":"rejected","base":{"tree":"B"},"head":{"tree":"H"}})");
  EXPECT_EQ(journal->latest_verification().value()->id, "v2");
  EXPECT_FALSE(journal->find_verification("").value().has_value());
  EXPECT_FALSE(journal->verification("v3").value().has_value());
  EXPECT_EQ(journal->find_run("run").value()->evidence, R"(["abc","def"])");
  EXPECT_FALSE(journal->find_run("").value().has_value());
  EXPECT_EQ(dump("SELECT base_tree || head_tree || requester || verifier FROM verification WHERE id = 'v1'"),
            "BHcli:1verifier\n");
}

TEST_F(JournalTest, RebuildGivesTheSameProjections) {
  auto journal = open();
  std::mt19937 random(7);
  for (int i = 0; i < 300; ++i) {
    std::string n = std::to_string(random() % 40);
    switch (random() % 4) {
      case 0:
        journal->append({event("v" + n, "verification_started")}).value();
        break;
      case 1:
        journal->append({verified("v" + n, "k" + n, R"({"head":{"tree":"x"}})")}).value();
        break;
      case 2:
        journal->append({ran("r" + n, "\"" + std::to_string(i) + "\""), event("t", "noise")}).value();
        break;
      default:
        journal->append({event("t" + n, "other", "{}", "idem" + n)}).value();
    }
  }
  const char* verifications = "SELECT id || ' ' || key || ' ' || requester || ' ' || seq FROM verification ORDER BY id";
  const char* runs = "SELECT key || ' ' || evidence || ' ' || seq FROM run ORDER BY key";
  std::string live = dump(verifications) + dump(runs);
  ASSERT_GT(live.size(), 100u);
  raw()->execute("DELETE FROM run; DELETE FROM verification WHERE id > 'v2'").value();
  EXPECT_NE(dump(verifications) + dump(runs), live);
  ASSERT_TRUE(journal->rebuild().ok());
  EXPECT_EQ(dump(verifications) + dump(runs), live);
}

TEST_F(JournalTest, NobodyVerifiesWhatTheyAskedFor) {
  auto journal = open();
  journal->append({event("v", "verification_started", "{}", "", "cli:7")}).value();
  Event own = verified("v", "k", "{}");
  own.actor = "cli:7";
  check_error(status_of(journal->append({own})), "cannot be its verifier");
  EXPECT_FALSE(journal->verification("v").value().has_value());
  own.actor = "verifier";
  EXPECT_TRUE(journal->append({own}).ok());
  check_error(raw()->execute("UPDATE verification SET requester = 'verifier'"), "cannot be its verifier");
}

TEST_F(JournalTest, ManyThreadsAndConnectionsShareIt) {
  auto one = open(), two = open();
  std::vector<std::thread> threads;
  std::array<std::set<std::int64_t>, 6> seqs;
  for (size_t t = 0; t < seqs.size(); ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        Result<std::int64_t> seq = (t % 2 ? one : two)->append({event("t" + std::to_string(t), "e")});
        ASSERT_TRUE(seq.ok()) << seq.error().message;
        seqs[t].insert(*seq);
        ASSERT_TRUE(one->events("t0", 0, 100).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::int64_t> all;
  for (const auto& some : seqs) all.insert(some.begin(), some.end());
  EXPECT_EQ(all.size(), 120u);
  EXPECT_EQ(one->events("", 0, 1000).value().size(), 120u);
}

TEST_F(JournalTest, SeveralProcessesOpenAndWriteIt) {
  std::vector<pid_t> children;
  for (int c = 0; c < 3; ++c) {
    pid_t pid = fork();
    ASSERT_GE(pid, 0);
    if (pid == 0) {
      Result<std::unique_ptr<Journal>> journal = Journal::open(file);
      if (!journal) _exit(1);
      for (int i = 0; i < 20; ++i)
        if (!(*journal)->append({event("p" + std::to_string(c), "e")})) _exit(2);
      _exit(0);
    }
    children.push_back(pid);
  }
  for (pid_t pid : children) {
    int status = 0;
    ASSERT_EQ(waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(open()->events("", 0, 1000).value().size(), 60u);
}

TEST_F(JournalTest, ReadersOnlyRead) {
  check_error(status_of(Journal::open_read_only(file)), "no journal");
  EXPECT_FALSE(fs::exists(file));
  auto writer = open();
  writer->append({event("a", "one")}).value();
  auto reader = std::move(*Journal::open_read_only(file));
  EXPECT_EQ(reader->events("a", 0, 10).value().size(), 1u);
  writer->append({event("a", "two")}).value();
  EXPECT_EQ(reader->events("a", 0, 10).value().size(), 2u);
  check_error(status_of(reader->append({event("a", "three")})), "for reading");
  check_error(reader->rebuild(), "for reading");
}

TEST_F(JournalTest, RefusesNewerForeignAndDamagedFiles) {
  open()->append({event("a", "one")}).value();
  raw()->execute("UPDATE meta SET value = 99 WHERE key = 'schema_version'").value();
  check_error(status_of(Journal::open(file)), "newer Baton (version 99");
  check_error(status_of(Journal::open_read_only(file)), "newer Baton (version 99");

  file = folder.path() / "other.db";
  raw()->execute("CREATE TABLE theirs(x)").value();
  check_error(status_of(Journal::open(file)), "another program");
  EXPECT_EQ(dump("SELECT name FROM sqlite_schema"), "theirs\n");

  file = folder.path() / "noise.db";
  ASSERT_TRUE(write_file(file, std::string(9000, 'x')).ok());
  check_error(status_of(Journal::open(file)), "is damaged");
  check_error(status_of(Journal::open(file)), "move it");
  EXPECT_EQ(read_file(file).value(), std::string(9000, 'x'));

  fs::create_directory(folder.path() / "folder.db");
  check_error(status_of(Journal::open(folder.path() / "folder.db")), "is a folder");
}

TEST_F(JournalTest, SaysSoWhenPagesAreOverwritten) {
  {
    auto journal = open();
    for (int i = 0; i < 200; ++i)
      journal->append({event("a", "one", "{\"x\":\"" + std::string(500, 'y') + "\"}")}).value();
  }
  auto size = fs::file_size(file);
  {
    std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
    for (std::uintmax_t at = 4096; at + 4096 <= size; at += 4096) {
      out.seekp(static_cast<std::streamoff>(at));
      out << std::string(4096, '\x5a');
    }
  }
  ASSERT_FALSE(fs::exists(file.string() + "-wal"));
  Result<std::unique_ptr<Journal>> journal = Journal::open(file);
  if (journal)
    check_error(status_of((*journal)->events("a", 0, 1000)), "is damaged");
  else
    check_error(status_of(journal), "is damaged");
  EXPECT_EQ(fs::file_size(file), size);
}

TEST_F(JournalTest, MigratesForwardAfterACopy) {
  constexpr Migration kOld[] = {{1,
                                 "CREATE TABLE meta(key TEXT PRIMARY KEY, value ANY) STRICT;"
                                 "INSERT INTO meta VALUES('schema_version', 0); CREATE TABLE a(x) "}};
  constexpr Migration kBroken[] = {kOld[0], {2, "CREATE TABLE b(y); CREATE TABLE b(y)"}};
  constexpr Migration kTwoMore[] = {kOld[0], {2, "ALTER TABLE a ADD COLUMN y"}, {3, "INSERT INTO a VALUES(1, 2)"}};
  auto database = raw();
  ASSERT_TRUE(migrate(*database, file, kOld).ok());
  ASSERT_TRUE(database->execute("INSERT INTO a VALUES(7)").ok());
  ASSERT_FALSE(fs::exists(file.string() + ".v0"));

  check_error(migrate(*database, file, kBroken), "already exists");
  EXPECT_EQ(database->integer("SELECT count(*) FROM sqlite_schema WHERE name = 'b'").value(), 0);
  check_error(check_version(*database, file, kTwoMore), "older Baton");

  ASSERT_TRUE(migrate(*database, file, kTwoMore).ok());
  ASSERT_TRUE(migrate(*database, file, kTwoMore).ok());
  EXPECT_EQ(database->integer("SELECT count(*) FROM a").value(), 2);
  EXPECT_EQ(database->integer("SELECT value FROM meta").value(), 3);
  check_error(migrate(*database, file, kOld), "newer Baton");
  auto copy = std::move(*SqlDatabase::open(file.string() + ".v1", SqlAccess::read_only));
  EXPECT_EQ(copy->integer("SELECT x FROM a").value(), 7);
  EXPECT_EQ(copy->integer("SELECT value FROM meta").value(), 1);
}

// What was acknowledged is there after kill -9; what was not may be there too.
TEST_F(JournalTest, NoAcknowledgedEventIsLostToKill9) {
  std::mt19937 random(11);
  std::int64_t acknowledged = 0;
  for (int round = 0; round < 20; ++round) {
    int pipes[2];
    ASSERT_EQ(pipe2(pipes, O_CLOEXEC), 0);
    pid_t pid = fork();
    ASSERT_GE(pid, 0);
    if (pid == 0) {
      close(pipes[0]);
      Result<std::unique_ptr<Journal>> journal = Journal::open(file);
      if (!journal) _exit(1);
      for (;;) {
        Result<std::int64_t> seq = (*journal)->append({event("a", "e"), ran("k", "\"" + std::string(300, 'z') + "\"")});
        if (!seq || write(pipes[1], &*seq, sizeof *seq) != sizeof *seq) _exit(2);
      }
    }
    close(pipes[1]);
    std::int64_t seq = 0;
    int wanted = 1 + static_cast<int>(random() % 30);
    for (int i = 0; i < wanted && read(pipes[0], &seq, sizeof seq) == sizeof seq; ++i) acknowledged = seq;
    kill(pid, SIGKILL);
    while (read(pipes[0], &seq, sizeof seq) == sizeof seq) acknowledged = seq;
    close(pipes[0]);
    int status = 0;
    waitpid(pid, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended with " << status;

    auto journal = open();
    std::vector<Event> events = journal->events("", 0, 100'000).value();
    ASSERT_GE(events.size(), static_cast<size_t>(acknowledged));
    ASSERT_EQ(events.size() % 2, 0u) << "half a transaction";
    for (size_t i = 0; i < events.size(); ++i) ASSERT_EQ(events[i].seq, static_cast<std::int64_t>(i + 1));
    ASSERT_EQ(dump("PRAGMA integrity_check"), "ok\n");
  }
  EXPECT_GT(acknowledged, 40);
}

// In a child with a file system of 512 KiB of its own. 77: namespaces are forbidden here.
int fill_a_disk(const fs::path& mount_point) {
  uid_t uid = getuid();
  gid_t gid = getgid();
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return 77;
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << "0 " << uid << " 1";
  std::ofstream("/proc/self/gid_map") << "0 " << gid << " 1";
  if (mount("tmpfs", mount_point.c_str(), "tmpfs", 0, "size=512k") != 0) return 77;
  fs::path file = mount_point / "journal.db";
  Result<std::unique_ptr<Journal>> journal = Journal::open(file);
  if (!journal) {
    std::fprintf(stderr, "%s\n", journal.error().message.c_str());
    return 1;
  }
  std::string ballast(100'000, 'x');
  if (!write_file(mount_point / "ballast", ballast)) return 2;
  std::int64_t acknowledged = 0;
  Result<std::int64_t> seq = std::int64_t{0};
  for (int i = 0; i < 1000 && seq; ++i) {
    seq = (*journal)->append({event("a", "e", "{\"x\":\"" + std::string(2000, 'y') + "\"}")});
    if (seq) acknowledged = *seq;
  }
  if (seq) return 3;
  if (seq.error().message.find("the disk is full; free some space") == std::string::npos) {
    std::fprintf(stderr, "%s\n", seq.error().message.c_str());
    return 4;
  }
  fs::remove(mount_point / "ballast");
  if (!(*journal)->append({event("a", "e")})) return 5;
  Result<std::vector<Event>> events = (*journal)->events("a", 0, 10'000);
  if (!events || static_cast<std::int64_t>(events->size()) != acknowledged + 1) return 6;
  return 0;
}

TEST_F(JournalTest, AFullDiskIsAClearErrorAndHarmsNothing) {
  fs::path mount_point = folder.path() / "small";
  fs::create_directory(mount_point);
  pid_t pid = fork();
  ASSERT_GE(pid, 0);
  if (pid == 0) _exit(fill_a_disk(mount_point));
  int status = 0;
  ASSERT_EQ(waitpid(pid, &status, 0), pid);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77) GTEST_SKIP() << "no small file system can be mounted here";
  EXPECT_EQ(status, 0) << "ended with " << WEXITSTATUS(status);
}

}  // namespace
}  // namespace baton
