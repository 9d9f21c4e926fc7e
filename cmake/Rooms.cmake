# Rooms: static libraries that carry only what they may use.
#
#   mw_room(NAME DIR folder [PUBLIC_INCLUDE dir] [LINK room...] HEADERS group...)
#
# Project headers are included by their bare name; a room sees its own folder and, through LINK, the
# folders of the rooms below it. Third-party and system headers live together in /usr/include, where an
# include path cannot part them, so every group that a room does not name in HEADERS is covered by
# generated headers of the same name that stop the compiler with a sentence.

set(MW_HEADERS_event event.h event2/event.h event2/http.h event2/buffer.h event2/bufferevent.h event2/listener.h
                     event2/util.h event2/dns.h event2/bufferevent_ssl.h)
set(MW_HEADERS_mosquitto mosquitto.h mqtt_protocol.h)
set(MW_HEADERS_hiredis hiredis/hiredis.h hiredis/async.h hiredis/adapters/libevent.h)
set(MW_HEADERS_gps gps.h libgpsmm.h)
set(MW_HEADERS_jansson jansson.h)
set(MW_HEADERS_yaml yaml.h)
set(MW_HEADERS_sodium sodium.h)
set(MW_HEADERS_openssl openssl/ssl.h openssl/evp.h openssl/err.h openssl/ts.h)
set(MW_HEADERS_sqlite sqlite3.h)
set(MW_HEADERS_zstd zstd.h zdict.h)
set(MW_HEADERS_xlsx xlsxwriter.h)
set(MW_HEADERS_geos geos_c.h)
set(MW_HEADERS_curl curl/curl.h)
set(MW_HEADERS_zlib zlib.h)
set(MW_HEADERS_cairo cairo.h cairo-pdf.h cairo-svg.h pango/pangocairo.h pango/pango.h pango/pangofc-fontmap.h hb-subset.h)
set(MW_HEADERS_qr qrencode.h)
set(MW_HEADERS_csv csv.h)
set(MW_HEADERS_clock time.h sys/time.h sys/timerfd.h)
set(MW_HEADERS_files unistd.h fcntl.h)
set(MW_HEADERS_system sys/socket.h sys/un.h netdb.h netinet/in.h arpa/inet.h poll.h sys/epoll.h pthread.h signal.h
                      sys/wait.h)
set(MW_HEADERS_pages sys/mman.h)
set(MW_HEADER_GROUPS event mosquitto hiredis gps jansson yaml sodium openssl sqlite zstd xlsx geos curl zlib cairo qr csv clock files system pages)

function(mw_room NAME)
  cmake_parse_arguments(ROOM "" "DIR;PUBLIC_INCLUDE" "LINK;HEADERS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${ROOM_DIR}/*.c)
  add_library(mw_${NAME} STATIC ${sources})
  set_target_properties(mw_${NAME} PROPERTIES LINKER_LANGUAGE C)
  target_compile_definitions(mw_${NAME} PRIVATE _POSIX_C_SOURCE=200809L _DEFAULT_SOURCE)
  target_include_directories(mw_${NAME} PUBLIC ${CMAKE_SOURCE_DIR}/${ROOM_DIR})
  if(ROOM_PUBLIC_INCLUDE)
    target_include_directories(mw_${NAME} PUBLIC ${CMAKE_SOURCE_DIR}/${ROOM_PUBLIC_INCLUDE})
  endif()
  foreach(room IN LISTS ROOM_LINK)
    target_link_libraries(mw_${NAME} PUBLIC mw_${room})
  endforeach()
  if(NOT "all" IN_LIST ROOM_HEADERS)
    set(wall ${CMAKE_BINARY_DIR}/rooms/${NAME})
    foreach(group IN LISTS MW_HEADER_GROUPS)
      if(NOT group IN_LIST ROOM_HEADERS)
        foreach(header IN LISTS MW_HEADERS_${group})
          file(WRITE ${wall}/${header}.new "#error \"the room ${NAME} may not use <${header}>\"\n")
          configure_file(${wall}/${header}.new ${wall}/${header} COPYONLY)
        endforeach()
      else()
        foreach(header IN LISTS MW_HEADERS_${group})
          file(REMOVE ${wall}/${header} ${wall}/${header}.new) # from before the room was given it
        endforeach()
      endif()
    endforeach()
    target_include_directories(mw_${NAME} BEFORE PRIVATE ${wall})
  endif()
endfunction()
