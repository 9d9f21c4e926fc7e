/*
 * muckctl: what a subcommand is. Each file of this folder defines one and names it in the table of
 * ../muckctl.c.
 */
#ifndef MW_MUCKCTL_H
#define MW_MUCKCTL_H

struct ctl_command {
    const char *name;
    const char *summary; /* one line for --help */
    /* argv[0] is the command's name. Returns an exit code of sysexits.h. */
    int (*run)(int argc, char **argv);
};

extern const struct ctl_command ctl_archive;
extern const struct ctl_command ctl_check;
extern const struct ctl_command ctl_config;
extern const struct ctl_command ctl_evidence;
extern const struct ctl_command ctl_explain;
extern const struct ctl_command ctl_hours;
extern const struct ctl_command ctl_import;
extern const struct ctl_command ctl_late;
extern const struct ctl_command ctl_replay;
extern const struct ctl_command ctl_report;
extern const struct ctl_command ctl_rulesets;
extern const struct ctl_command ctl_journal;
extern const struct ctl_command ctl_sensor;
extern const struct ctl_command ctl_simulate;
extern const struct ctl_command ctl_tail;
extern const struct ctl_command ctl_trips;
extern const struct ctl_command ctl_warnings;
extern const struct ctl_command ctl_track;
extern const struct ctl_command ctl_vehicle;
extern const struct ctl_command ctl_vehicles;
extern const struct ctl_command ctl_violations;
extern const struct ctl_command ctl_who;

#endif
