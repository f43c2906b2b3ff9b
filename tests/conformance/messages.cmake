# The fourth procedure: messages that are signed and sealed.
conformance_test(messages_test SOURCES
  messages_buffers_test.cpp messages_integrity_test.cpp messages_state_test.cpp messages_wire_test.cpp)
conformance_test(messages_enctypes_test LONG SOURCES messages_enctypes_test.cpp)
# Sanitizers bring a malloc of their own.
if(NOT SANITIZE)
  conformance_test(messages_memory_test SOURCES messages_memory_test.cpp)
endif()
