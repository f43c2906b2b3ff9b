// Text that a client chose stays what it is: one value of one line.
#include "daemon/log_format.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include "daemon/log_fields.h"

namespace sspid::log {
namespace {

/// What one line comes to.
std::string written(Format format, std::string_view text, const Fields& fields) {
  std::ostringstream out;
  const auto sink = std::make_shared<spdlog::sinks::ostream_sink_st>(out);
  sink->set_formatter(make_formatter("worker", format));
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink));
  write(spdlog::level::warn, text, fields);
  spdlog::set_default_logger(before);
  return out.str();
}

std::string as_text(std::string_view value) {
  std::string line;
  append_as_text(value, line);
  return line;
}

std::string as_json(std::string_view value) {
  std::string line;
  append_as_json(value, line);
  return line;
}

TEST(LogFormat, text_has_the_facts_behind_the_words) {
  const std::string line = written(Format::text, "refused", {{"pid", 17}, {"rule", std::string("not served")}});
  EXPECT_NE(line.find(" warn worker["), line.npos) << line;
  EXPECT_NE(line.find("] refused pid=17 rule=\"not served\"\n"), line.npos) << line;
}

TEST(LogFormat, json_is_one_object_in_a_line) {
  const std::string line = written(Format::json, "refused\n\"x\"", {{"pid", 17}, {"rule", std::string("a\"b\nc")}});
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto object = nlohmann::json::parse(line);
  EXPECT_EQ(object.at("level"), "warn");
  EXPECT_EQ(object.at("role"), "worker");
  EXPECT_EQ(object.at("message"), "refused\n\"x\"");
  EXPECT_EQ(object.at("pid"), 17);
  EXPECT_EQ(object.at("rule"), "a\"b\nc");
  EXPECT_TRUE(object.at("process").is_number());
  const std::string time = object.at("time");
  EXPECT_EQ(time.size(), std::string("2026-11-30T13:05:50.123+01:00").size()) << time;
}

TEST(LogFormat, no_value_passes_for_another_fact_or_line) {
  EXPECT_EQ(as_text("alice@EXAMPLE.TEST"), "alice@EXAMPLE.TEST");
  EXPECT_EQ(as_text(""), R"("")");
  EXPECT_EQ(as_text("x status=SEC_E_OK"), R"("x status=SEC_E_OK")");
  EXPECT_EQ(as_text("x\" status=\"0"), R"("x\" status=\"0")");
  EXPECT_EQ(as_text("back\\slash"), R"("back\\slash")");
  EXPECT_EQ(as_text("two\nlines\x7f"), R"("two\x0alines\x7f")");
  EXPECT_EQ(written(Format::text, "two\nlines", {}).find('\n'), written(Format::text, "two\nlines", {}).size() - 1);
}

TEST(LogFormat, json_is_ascii_and_mends_what_is_no_text) {
  EXPECT_EQ(as_json("a\tb\x7f"), R"("a\u0009b\u007f")");
  EXPECT_EQ(as_json("\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x94\x91"), R"("\u00e4 \u20ac \ud83d\udd11")");
  for (const char* broken : {"\x80", "\xC0\x80", "\xC3", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE0\x80\x80"}) {
    const std::string text = as_json(std::string(broken) + "z");
    EXPECT_EQ(text.rfind("\"\\ufffd", 0), 0U) << text;
    EXPECT_EQ(text.substr(text.size() - 2), "z\"") << text;
    EXPECT_TRUE(nlohmann::json::accept(text)) << text;
  }
}

TEST(LogFormat, facts_belong_to_one_line) {
  (void)written(Format::text, "x", {{"pid", 17}});
  EXPECT_TRUE(fields_of_line().empty());
}

}  // namespace
}  // namespace sspid::log
