// What the owners release and when, seen on the real objects: leaks and double releases are AddressSanitizer's to find.
#include "daemon/worker/gss/handle.h"

#include <type_traits>

#include <gtest/gtest.h>

#include "daemon/worker/gss/krb5_handle.h"

namespace sspid::worker::gss {
namespace {

template <class T>
constexpr bool kMovesOnly = std::is_nothrow_move_constructible_v<T>&& std::is_nothrow_move_assignable_v<T> &&
                            !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T>;

static_assert(kMovesOnly<Context> && kMovesOnly<Credential> && kMovesOnly<Name> && kMovesOnly<OidSet> &&
              kMovesOnly<BufferSet> && kMovesOnly<Buffer>);
static_assert(kMovesOnly<Krb5Context> && kMovesOnly<OpenCache> && kMovesOnly<OwnCache> && kMovesOnly<Principal> &&
              kMovesOnly<Creds> && kMovesOnly<KeytabEntry>);

Name import(std::string_view text) {
  OM_uint32 minor = 0;
  gss_buffer_desc buffer = borrow(text);
  Name name;
  EXPECT_EQ(gss_import_name(&minor, &buffer, GSS_C_NT_HOSTBASED_SERVICE, name.out()), OM_uint32{GSS_S_COMPLETE});
  return name;
}

std::string shown(const Name& name) {
  OM_uint32 minor = 0;
  Buffer text;
  EXPECT_EQ(gss_display_name(&minor, name.get(), text.out(), nullptr), OM_uint32{GSS_S_COMPLETE});
  return std::string(text.text());
}

TEST(Owner, PassesOnWhatItMoves) {
  Name first = import("host@first");
  Name second = std::move(first);
  EXPECT_FALSE(first);  // NOLINT: a moved-from owner is empty
  EXPECT_EQ(shown(second), "host@first");
}

TEST(Owner, ReleasesWhatItHeldBefore) {
  Name name = import("host@first");
  name = import("host@second");
  EXPECT_EQ(shown(name), "host@second");
  OM_uint32 minor = 0;
  gss_buffer_desc third = borrow("host@third");
  ASSERT_EQ(gss_import_name(&minor, &third, GSS_C_NT_HOSTBASED_SERVICE, name.out()), OM_uint32{GSS_S_COMPLETE});
  EXPECT_EQ(shown(name), "host@third");
}

TEST(Owner, GivesUpWhatIsTaken) {
  Name name = import("host@first");
  gss_name_t raw = name.take();
  EXPECT_FALSE(name);
  const Name again(raw);
  EXPECT_EQ(shown(again), "host@first");
}

TEST(BufferSet, HoldsItsElements) {
  OM_uint32 minor = 0;
  BufferSet set;
  ASSERT_EQ(gss_create_empty_buffer_set(&minor, set.out()), OM_uint32{GSS_S_COMPLETE});
  gss_buffer_desc key = borrow("0123456789abcdef");
  ASSERT_EQ(gss_add_buffer_set_member(&minor, &key, set.inout()), OM_uint32{GSS_S_COMPLETE});
  EXPECT_EQ(set.get()->count, 1U);
  BufferSet moved = std::move(set);
  EXPECT_EQ(moved.get()->elements[0].length, 16U);
}

TEST(Borrow, ViewsWithoutCopying) {
  const std::string text = "token";
  const gss_buffer_desc buffer = borrow(text);
  EXPECT_EQ(buffer.value, text.data());
  EXPECT_EQ(buffer.length, text.size());
}

TEST(OwnCache, EndsWithItsOwner) {
  Krb5Context context;
  ASSERT_EQ(context.initialize(), 0);
  const auto resolve = [&](krb5_ccache* cache) { return krb5_cc_resolve(context.get(), "MEMORY:handle_test", cache); };
  Principal alice(context), found(context);
  ASSERT_EQ(krb5_parse_name(context.get(), "alice@EXAMPLE.TEST", alice.out()), 0);
  {
    OwnCache own(context);
    ASSERT_EQ(resolve(own.out()), 0);
    ASSERT_EQ(krb5_cc_initialize(context.get(), own.get(), alice.get()), 0);
    {
      OpenCache other(context);
      ASSERT_EQ(resolve(other.out()), 0);
    }
    EXPECT_EQ(krb5_cc_get_principal(context.get(), own.get(), found.out()), 0) << "closing must not destroy";
  }
  OpenCache later(context);
  ASSERT_EQ(resolve(later.out()), 0);
  EXPECT_NE(krb5_cc_get_principal(context.get(), later.get(), found.out()), 0);
}

TEST(Krb5Contents, ReleaseWhatTheyHeldBefore) {
  Krb5Context context;
  ASSERT_EQ(context.initialize(), 0);
  Creds creds(context);
  for (const char* name : {"alice@EXAMPLE.TEST", "bob@EXAMPLE.TEST"})
    ASSERT_EQ(krb5_parse_name(context.get(), name, &creds.out()->client), 0);
  Creds moved = std::move(creds);
  EXPECT_EQ(creds.get().client, nullptr);  // NOLINT: a moved-from owner is empty
  EXPECT_NE(moved.get().client, nullptr);
}

}  // namespace
}  // namespace sspid::worker::gss
