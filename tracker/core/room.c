/* placeholder */ typedef int mw_core_room;
