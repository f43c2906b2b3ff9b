# Debian packages of what Install.cmake installs: sspid, libsspi0, libsspi-dev. scripts/package builds them.

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR sspid)
set(CPACK_PACKAGE_CONTACT "sspid maintainers <maintainers@sspid.example>" CACHE STRING "Maintainer field of the packages")
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/packages")
set(CPACK_PACKAGING_INSTALL_PREFIX "${CMAKE_INSTALL_PREFIX}")
# What debuggers need is kept apart, in packages named NAME-dbgsym.
set(CPACK_DEBIAN_DEBUGINFO_PACKAGE ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL daemon library development)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")

set(CPACK_DEBIAN_DAEMON_PACKAGE_NAME sspid)
set(CPACK_DEBIAN_DAEMON_PACKAGE_SECTION net)
set(CPACK_DEBIAN_DAEMON_PACKAGE_DEPENDS "init-system-helpers (>= 1.54~), systemd | systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_DAEMON_PACKAGE_SUGGESTS "gss-ntlmssp, krb5-user")
set(CPACK_DEBIAN_DAEMON_DESCRIPTION "daemon that keeps credentials and carries out SSPI calls
sspid gives programs on Linux what Windows programs have in SSPI. It owns
their Kerberos credentials and security contexts, and carries out the calls
that programs make through libsspi on GSS-API mechanisms: no key, keytab,
password or ticket enters the programs.

This package has the daemon and sspictl, the administrator's command.")
set(CPACK_DEBIAN_DAEMON_PACKAGE_CONTROL_EXTRA "${PROJECT_SOURCE_DIR}/packaging/debian/conffiles")
if(EXISTS "${systemd_list}")  # what the scripts do is about units and users
  foreach(script postinst prerm postrm)
    list(APPEND CPACK_DEBIAN_DAEMON_PACKAGE_CONTROL_EXTRA "${PROJECT_SOURCE_DIR}/packaging/debian/${script}")
  endforeach()
endif()

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libsspi${PROJECT_VERSION_MAJOR})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_RECOMMENDS sspid)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA "${PROJECT_SOURCE_DIR}/packaging/debian/triggers")
set(CPACK_DEBIAN_LIBRARY_DESCRIPTION "Security Support Provider Interface for programs on Linux
libsspi has the functions of Windows' sspi.h with its structures, flags and
statuses. It turns each call into a request to the daemon sspid, which owns
the credentials and the security contexts.

This package has the shared library.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libsspi-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libsspi${PROJECT_VERSION_MAJOR} (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "Security Support Provider Interface for programs on Linux - development
libsspi has the functions of Windows' sspi.h with its structures, flags and
statuses. It turns each call into a request to the daemon sspid, which owns
the credentials and the security contexts.

This package has what programs are built with: headers, examples, and files
for pkg-config and CMake.")

# What every package of Debian has beside its files.
foreach(pair "daemon:sspid" "library:libsspi${PROJECT_VERSION_MAJOR}" "development:libsspi-dev")
  string(REPLACE ":" ";" pair "${pair}")
  list(GET pair 0 component)
  list(GET pair 1 package)
  set(documents "${CMAKE_INSTALL_DATADIR}/doc/${package}")
  install(FILES packaging/debian/copyright DESTINATION "${documents}" COMPONENT ${component})
  install_compressed(${component} "${documents}" packaging/debian/changelog changelog)
endforeach()

# CPack gives a package with a library scripts of its own that call ldconfig; the trigger would do.
install(FILES packaging/debian/lintian-overrides RENAME libsspi${PROJECT_VERSION_MAJOR} COMPONENT library
        DESTINATION "${CMAKE_INSTALL_DATADIR}/lintian/overrides")

include(CPack)
