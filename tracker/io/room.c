/* placeholder */ typedef int mw_io_room;
