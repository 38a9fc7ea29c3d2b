#include "options_help.h"

#include "build_info.h"
#include "flags.h"

#include <ctype.h>

enum {
    WIDTH = 80,
    INDENT = 2,
    PADDING = 2,
    LONGEST_LEFT = 29, /* a longer flag has a line to itself */
};

/* "--persistence.file=\"\"": a flag as one would write it. */
static void spell(struct buffer *out, const struct flag *f)
{
    if (f->kind == FLAG_SWITCH)
        buffer_printf(out, "--[no-]%s", f->name);
    else
        buffer_printf(out, "--%s", f->name);
    if (f->kind == FLAG_TEXT)
        buffer_printf(out, "=\"%s\"", f->otherwise);
    else if (f->otherwise)
        buffer_printf(out, "=%s", f->otherwise);
    if (f->kind == FLAG_ADDRESSES)
        buffer_text(out, " ...");
}

static void left_column(struct buffer *out, const struct flag *f)
{
    if (f->letter)
        buffer_printf(out, "-%c, ", f->letter);
    else
        buffer_text(out, "    ");
    spell(out, f);
}

/* Words of `text` between column `left` and WIDTH; the cursor is at `left`. */
static void print_wrapped(FILE *out, const char *text, int left)
{
    int at = left;

    while (*text != '\0') {
        int n = (int)strcspn(text, " ");
        if (at > left && at + 1 + n > WIDTH) {
            fprintf(out, "\n%*s", left, "");
            at = left;
        } else if (at > left) {
            fputc(' ', out);
            at++;
        }
        fprintf(out, "%.*s", n, text);
        at += n;
        text += n;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

void options_help(FILE *out, const char *program)
{
    const int left = INDENT + LONGEST_LEFT + PADDING;
    struct buffer spelled = {0};

    fprintf(out, "usage: %s [<flags>]\n\nThe Pushgateway\n\nFlags:\n", program);
    for (size_t i = 0; i < flags_count; i++) {
        if (flags[i].hidden)
            continue;
        buffer_clear(&spelled);
        left_column(&spelled, &flags[i]);
        if (spelled.failed)
            break;
        fprintf(out, "%*s%-*.*s%*s", INDENT, "", LONGEST_LEFT, SLICE_ARGS(spelled), PADDING, "");
        if (spelled.len > LONGEST_LEFT)
            fprintf(out, "\n%*s", left, "");
        print_wrapped(out, flags[i].help, left);
    }
    fputc('\n', out);
    buffer_free(&spelled);
}

/* Hyphens and backslashes mean something to groff, and dots and quotes at the begin of a line. */
static void print_roff(FILE *out, const char *text)
{
    int at = 0;

    for (; *text != '\0'; text++) {
        if (*text == ' ' && at + (int)strcspn(text + 1, " ") >= WIDTH - 1) {
            fputc('\n', out);
            at = 0;
            continue;
        }
        if (at == 0 && (*text == '.' || *text == '\''))
            at += fprintf(out, "\\&");
        if (*text == '-' || *text == '\\')
            at += fprintf(out, "\\");
        fputc(*text, out);
        at++;
    }
}

void options_help_man(FILE *out, const char *program)
{
    struct buffer spelled = {0};

    fprintf(out, ".TH ");
    for (const char *c = program; *c != '\0'; c++)
        fputc(toupper((unsigned char)*c), out);
    fprintf(out, " 1 \"\" \"pushgateway %s\"\n", build_info.version);
    fprintf(out, ".SH NAME\n%s \\- holds the metrics of batch jobs for Prometheus to scrape\n",
            program);
    fprintf(out, ".SH SYNOPSIS\n\\fB%s\\fR [<flags>]\n.SH OPTIONS\n", program);
    for (size_t i = 0; i < flags_count; i++) {
        if (flags[i].hidden)
            continue;
        buffer_clear(&spelled);
        if (flags[i].letter)
            buffer_printf(&spelled, "-%c, ", flags[i].letter);
        spell(&spelled, &flags[i]);
        buffer_byte(&spelled, '\0');
        if (spelled.failed)
            break;
        fprintf(out, ".TP\n\\fB");
        print_roff(out, spelled.p);
        fprintf(out, "\\fR\n");
        print_roff(out, flags[i].help);
        fputc('\n', out);
    }
    buffer_free(&spelled);
}

void options_help_words(FILE *out)
{
    for (size_t i = 0; i < flags_count; i++) {
        if (flags[i].hidden)
            continue;
        fprintf(out, "--%s\n", flags[i].name);
        if (flags[i].kind == FLAG_SWITCH)
            fprintf(out, "--no-%s\n", flags[i].name);
    }
}

void options_help_bash(FILE *out, const char *program)
{
    fprintf(out,
            "_%s_complete() {\n"
            "    local words\n"
            "    words=$(\"${COMP_WORDS[0]}\" --completion-bash)\n"
            "    COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
            "}\n"
            "complete -o default -F _%s_complete %s\n",
            program, program, program);
}

void options_help_zsh(FILE *out, const char *program)
{
    fprintf(out,
            "#compdef %s\n"
            "autoload -U compinit && compinit\n"
            "autoload -U bashcompinit && bashcompinit\n",
            program);
    options_help_bash(out, program);
}

void options_help_version(FILE *out)
{
    const struct build_info *b = &build_info;

    fprintf(out, "pushgateway, version %s (branch: %s, revision: %s)\n", b->version, b->branch,
            b->revision);
    fprintf(out, "  build user:       %s\n", b->user);
    fprintf(out, "  build date:       %s\n", b->date);
    fprintf(out, "  compiler:         %s\n", b->compiler);
    fprintf(out, "  platform:         %s/%s\n", b->os, b->arch);
    fprintf(out, "  sanitizers:       %s\n", b->sanitizers);
}
