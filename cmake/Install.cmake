# What is installed where. The three components are the three packages of cmake/Packages.cmake: the daemon with its tools,
# the library, and what programs are built with.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# ---- daemon

install(TARGETS sspid DESTINATION "${CMAKE_INSTALL_SBINDIR}" COMPONENT daemon)
install(TARGETS sspid-worker DESTINATION "${CMAKE_INSTALL_LIBEXECDIR}/sspid" COMPONENT daemon)
install(TARGETS sspictl DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT daemon)

# Belongs to the host, not to the prefix.
set(configuration "${CMAKE_INSTALL_FULL_SYSCONFDIR}/sspid")
install(FILES packaging/sspid.json DESTINATION "${configuration}" COMPONENT daemon)
install(DIRECTORY DESTINATION "${configuration}/conf.d" COMPONENT daemon)

install(FILES daemon/supervisor/sspid.schema.json DESTINATION "${CMAKE_INSTALL_DATADIR}/sspid" COMPONENT daemon)
install(FILES apparmor/usr.sbin.sspid docs/configuration.md docs/connecting.md docs/container.md docs/faults.md docs/logging.md
              docs/migrating-from-gssproxy.md docs/operating.md docs/sandbox.md docs/sspictl.md docs/systemd.md
              docs/threat-model.md docs/ticket-caches.md
        DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/sspid" COMPONENT daemon)

# Units, users and folders: each line of the list is a file of the build tree and its place below the prefix.
set(systemd_list "${PROJECT_SOURCE_DIR}/systemd/install.txt")
if(EXISTS "${systemd_list}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${systemd_list}")
  file(STRINGS "${systemd_list}" pairs REGEX "^[^#]")
  foreach(pair IN LISTS pairs)
    separate_arguments(pair)
    list(GET pair 0 from)
    list(GET pair 1 to)
    get_filename_component(folder "${to}" DIRECTORY)
    get_filename_component(name "${to}" NAME)
    install(FILES "${PROJECT_BINARY_DIR}/${from}" DESTINATION "${folder}" RENAME "${name}" COMPONENT daemon)
  endforeach()
endif()

foreach(program sspid sspictl)
  install(FILES "packaging/completions/${program}.bash" RENAME ${program} COMPONENT daemon
          DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions")
  install(FILES "packaging/completions/_${program}" COMPONENT daemon
          DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions")
endforeach()

# ---- library

install(TARGETS sspi EXPORT sspi
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT library NAMELINK_COMPONENT development
  INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")

# ---- development

install(FILES client-lib/include/sspi.h client-lib/include/sspi_ext.h
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT development)

set(cmake_package "${CMAKE_INSTALL_LIBDIR}/cmake/sspi")
install(EXPORT sspi NAMESPACE sspi:: FILE sspi-config.cmake DESTINATION "${cmake_package}" COMPONENT development)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/installed/sspi-config-version.cmake" COMPATIBILITY SameMajorVersion)
install(FILES "${PROJECT_BINARY_DIR}/installed/sspi-config-version.cmake"
        DESTINATION "${cmake_package}" COMPONENT development)

configure_file(packaging/libsspi.pc.in installed/libsspi.pc @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/installed/libsspi.pc"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT development)

install(FILES examples/show.c examples/show.h examples/sspi-async-client.c examples/sspi-client.c examples/sspi-server.c
              examples/wire.c examples/wire.h
        DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/libsspi-dev/examples" COMPONENT development)

# ---- pages and documents, compressed as distributions have them

# install_compressed(COMPONENT FOLDER FILE NAME): -n leaves the time out, so that the same file is the same archive.
function(install_compressed component folder file name)
  set(archive "${PROJECT_BINARY_DIR}/installed/${component}/${name}.gz")
  get_filename_component(archive_folder "${archive}" DIRECTORY)
  file(MAKE_DIRECTORY "${archive_folder}")
  execute_process(COMMAND gzip -9nc "${PROJECT_SOURCE_DIR}/${file}" OUTPUT_FILE "${archive}" COMMAND_ERROR_IS_FATAL ANY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${file}")
  install(FILES "${archive}" DESTINATION "${folder}" COMPONENT ${component})
endfunction()

install_compressed(daemon "${CMAKE_INSTALL_MANDIR}/man8" docs/man/sspid.8 sspid.8)
install_compressed(daemon "${CMAKE_INSTALL_MANDIR}/man1" docs/man/sspictl.1 sspictl.1)
install_compressed(daemon "${CMAKE_INSTALL_MANDIR}/man5" docs/man/sspid.json.5 sspid.json.5)
install_compressed(development "${CMAKE_INSTALL_MANDIR}/man7" docs/man/libsspi.7 libsspi.7)
