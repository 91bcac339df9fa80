//! One walk over the events of the parser.

use std::cell::RefCell;
use std::collections::HashMap;

use pulldown_cmark::{
    BrokenLink, CodeBlockKind, Event, LinkType, OffsetIter, Options, Parser, Tag, TagEnd,
};

use super::tables::{Anchor, Code, CodeSpan, Footnote, Heading, Link, Prose, Span};
use super::{bare, html, parts};

/// The facts of a text, and some that are known of it; `base` is where it begins in its file.
pub fn walk(text: &str, base: usize, known: Prose) -> Prose {
    let undefined = RefCell::new(Vec::new());
    let note = |broken: BrokenLink| {
        if matches!(broken.link_type, LinkType::Reference | LinkType::Collapsed) {
            undefined.borrow_mut().push(broken.span);
        }
        None
    };
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM;
    let mut events =
        Parser::new_with_broken_link_callback(text, options, Some(note)).into_offset_iter();
    let mut walk = Walk {
        text,
        prose: known,
        links: Vec::new(),
        heading: None,
        code: None,
        run: 0..0,
        containers: 0,
        labels: HashMap::new(),
    };
    walk.define(&events);
    while let Some((event, span)) = events.next() {
        walk.see(&events, event, span);
    }
    walk.end_run();
    let mut prose = walk.prose;
    let bytes = text.as_bytes();
    for span in undefined.into_inner() {
        // `list[0][1]` is no link.
        if span.start == 0 || !bytes[span.start - 1].is_ascii_alphanumeric() {
            let mut link = Link::new(span, "undefined");
            let inner = link.span.start + 1;
            parts::reference(text, &mut link, inner);
            prose.links.push(link);
        }
    }
    prose.ordered(base)
}

/// A link whose end is to come, and where the last thing inside of it ends.
struct OpenLink {
    link: Link,
    inner_end: usize,
    destination: String,
}

struct Walk<'t> {
    text: &'t str,
    prose: Prose,
    links: Vec<OpenLink>,
    heading: Option<Heading>,
    code: Option<Code>,
    /// Text without anything in it that is more than text.
    run: Span,
    /// Quotes, items and notes around.
    containers: usize,
    /// The place of a definition by where it begins.
    labels: HashMap<usize, usize>,
}

impl<'t> Walk<'t> {
    fn define<F: pulldown_cmark::BrokenLinkCallback<'t>>(&mut self, events: &OffsetIter<'t, F>) {
        let mut found: Vec<_> = events
            .reference_definitions()
            .iter()
            .map(|(_, found)| found)
            .collect();
        found.sort_unstable_by_key(|found| found.span.start);
        for found in found {
            self.labels
                .insert(found.span.start, self.prose.definitions.len());
            let mut link = Link::new(found.span.clone(), "definition");
            link.destination = Some(found.dest.to_string());
            parts::definition(self.text, &mut link, &found.dest);
            self.prose.definitions.push(link);
        }
    }

    fn see<F: pulldown_cmark::BrokenLinkCallback<'t>>(
        &mut self,
        events: &OffsetIter<'t, F>,
        event: Event<'t>,
        span: Span,
    ) {
        if matches!(event, Event::Text(_)) && self.run.end == span.start {
            self.run.end = span.end;
        } else {
            self.end_run();
            self.run = match event {
                Event::Text(_) if self.links.is_empty() && self.code.is_none() => span.clone(),
                _ => 0..0,
            };
        }
        self.widen(&event, &span);
        match event {
            Event::Start(tag) => self.start(events, tag, span),
            Event::End(tag) => self.end(tag, span),
            Event::Text(text) => self.say(&text),
            Event::Code(code) => {
                self.say(&code);
                let written = &self.text[span.clone()];
                let marks = written.len() - written.trim_start_matches('`').len();
                self.prose.spans.push(CodeSpan {
                    content: span.start + marks..span.end - marks,
                    span,
                });
            }
            Event::SoftBreak | Event::HardBreak => self.say(" "),
            Event::InlineHtml(_) => html::read(self.text, span, &mut self.prose),
            Event::FootnoteReference(label) => self.prose.footnotes.push(Footnote {
                span,
                label: label.to_string(),
                is_definition: false,
            }),
            _ => {}
        }
    }

    fn end_run(&mut self) {
        if !self.run.is_empty() {
            let links = &mut self.prose.links;
            bare::find(self.text, self.run.clone(), &mut |link| links.push(link));
        }
    }

    /// Takes note of how far what is open reaches.
    fn widen(&mut self, event: &Event<'_>, span: &Span) {
        if let Some(open) = self.links.last_mut() {
            let is_own_end = matches!(event, Event::End(TagEnd::Link | TagEnd::Image));
            open.inner_end = open.inner_end.max(if is_own_end { 0 } else { span.end });
        }
        if let Some(open) = &mut self.heading
            && !matches!(event, Event::End(TagEnd::Heading(_)))
        {
            let is_first = open.content.is_empty();
            open.content.start = if is_first {
                span.start
            } else {
                open.content.start.min(span.start)
            };
            open.content.end = if is_first {
                span.end
            } else {
                open.content.end.max(span.end)
            };
        }
        if let (Some(open), Event::Text(_)) = (&mut self.code, event) {
            let is_first = open.content.is_empty();
            open.content = if is_first {
                span.clone()
            } else {
                open.content.start..span.end
            };
        }
    }

    /// Adds to the plain text of a heading; descriptions of pictures are none.
    fn say(&mut self, text: &str) {
        if let Some(heading) = &mut self.heading
            && !self.links.iter().any(|open| open.link.is_image)
        {
            heading.text.push_str(text);
        }
    }

    fn start<F: pulldown_cmark::BrokenLinkCallback<'t>>(
        &mut self,
        events: &OffsetIter<'t, F>,
        tag: Tag<'t>,
        span: Span,
    ) {
        match tag {
            Tag::BlockQuote(_) | Tag::Item => self.containers += 1,
            Tag::FootnoteDefinition(label) => {
                self.containers += 1;
                self.prose.footnotes.push(Footnote {
                    span: self.trimmed(span),
                    label: label.to_string(),
                    is_definition: true,
                });
            }
            Tag::Heading { level, .. } => {
                let span = self.trimmed(self.with_blanks_before(span));
                let form = if self.text[span.clone()].trim_start().starts_with('#') {
                    "atx"
                } else {
                    "setext"
                };
                let marks = self.text[span.clone()]
                    .trim_start_matches(' ')
                    .trim_start_matches('#');
                let inside = if form == "atx" {
                    span.end - marks.len()
                } else {
                    span.start
                };
                self.heading = Some(Heading {
                    level: level as u8,
                    content: inside..inside,
                    text: String::new(),
                    id: None,
                    form,
                    opens_section: self.containers == 0,
                    span,
                });
            }
            Tag::CodeBlock(kind) => {
                let span = self.trimmed(span);
                let first_line = self.text[span.clone()]
                    .find('\n')
                    .map_or(span.end, |at| span.start + at + 1);
                self.code = Some(match kind {
                    CodeBlockKind::Fenced(info) => Code {
                        content: first_line..first_line,
                        span,
                        is_fenced: true,
                        info: info.to_string(),
                    },
                    CodeBlockKind::Indented => Code {
                        content: span.start..span.start,
                        span,
                        is_fenced: false,
                        info: String::new(),
                    },
                });
            }
            Tag::HtmlBlock => html::read(self.text, span, &mut self.prose),
            Tag::Link {
                link_type,
                dest_url,
                id,
                ..
            } => self.open(events, link_type, dest_url, &id, span, false),
            Tag::Image {
                link_type,
                dest_url,
                id,
                ..
            } => self.open(events, link_type, dest_url, &id, span, true),
            _ => {}
        }
    }

    fn open<F: pulldown_cmark::BrokenLinkCallback<'t>>(
        &mut self,
        events: &OffsetIter<'t, F>,
        kind: LinkType,
        destination: pulldown_cmark::CowStr<'t>,
        label: &str,
        span: Span,
        is_image: bool,
    ) {
        let mut link = Link::new(span.clone(), name(kind));
        link.is_image = is_image;
        if matches!(
            kind,
            LinkType::Reference | LinkType::Collapsed | LinkType::Shortcut
        ) {
            let found = events.reference_definitions().get(label);
            link.definition = found.and_then(|found| self.labels.get(&found.span.start).copied());
        } else {
            link.destination = Some(match kind {
                LinkType::Email => format!("mailto:{destination}"),
                _ => destination.to_string(),
            });
        }
        self.links.push(OpenLink {
            link,
            inner_end: span.start + 1,
            destination: destination.to_string(),
        });
    }

    fn end(&mut self, tag: TagEnd, span: Span) {
        match tag {
            TagEnd::BlockQuote(_) | TagEnd::Item | TagEnd::FootnoteDefinition => {
                self.containers -= 1
            }
            TagEnd::Heading(_) => {
                if let Some(mut heading) = self.heading.take() {
                    self.take_closing_marks(&mut heading);
                    self.take_id(&mut heading);
                    self.prose.headings.push(heading);
                }
            }
            TagEnd::CodeBlock => self.prose.code.extend(self.code.take()),
            TagEnd::Link | TagEnd::Image => {
                if let Some(open) = self.links.pop() {
                    self.close(open, span);
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, open: OpenLink, span: Span) {
        let OpenLink {
            mut link,
            inner_end,
            destination,
        } = open;
        link.span = span.clone();
        // The parser leaves the empty brackets out.
        if link.kind == "collapsed" && self.text[span.end..].starts_with("[]") {
            link.span.end += 2;
        }
        match link.kind {
            "inline" => parts::inline(self.text, &mut link, inner_end, &destination),
            "autolink" => link.destination_span = Some(span.start + 1..span.end - 1),
            _ => parts::reference(self.text, &mut link, inner_end),
        }
        if let Some(around) = self.links.last_mut() {
            around.inner_end = around.inner_end.max(span.end);
        }
        self.prose.links.push(link);
    }

    /// Takes blanks at the end of a heading out of its text, and closing marks behind a tab; the parser takes marks behind a space.
    fn take_closing_marks(&self, heading: &mut Heading) {
        let kept = |text: &str| {
            let rest = text.trim_end_matches('#');
            let rest = if rest.ends_with('\t') { rest } else { text };
            rest.trim_end_matches([' ', '\t']).len()
        };
        let written = &self.text[heading.content.clone()];
        if heading.form == "atx" && kept(written) < written.len() {
            heading.content.end = heading.content.start + kept(written);
            heading.text.truncate(kept(&heading.text));
        }
    }

    /// Takes `{#id}` or `{: #id }` at the end of a heading out of its text.
    fn take_id(&self, heading: &mut Heading) {
        let split = |text: &str| {
            let inside = text.strip_suffix('}')?;
            let (before, attributes) = inside.rsplit_once('{')?;
            let attributes = attributes.strip_prefix(':').unwrap_or(attributes);
            let id = attributes
                .split_whitespace()
                .find_map(|word| word.strip_prefix('#'))?;
            (!id.is_empty()).then(|| (before.trim_end().len(), id.to_owned()))
        };
        let written = &self.text[heading.content.clone()];
        if let (Some((length, id)), Some((plain, _))) =
            (split(written), split(heading.text.trim_end()))
        {
            heading.content.end = heading.content.start + length;
            heading.text.truncate(plain);
            heading.id = Some(id);
        }
    }

    /// The span without the line breaks at its end.
    fn trimmed(&self, span: Span) -> Span {
        let length = self.text[span.clone()].trim_end_matches(['\n', '\r']).len();
        span.start..span.start + length
    }

    /// The span with the blanks in front of it on its line.
    fn with_blanks_before(&self, span: Span) -> Span {
        let before = &self.text[..span.start];
        let blanks = before.len() - before.trim_end_matches(' ').len();
        let start = span.start - blanks;
        let is_line_start = start == 0 || before[..start].ends_with(['\n', '\r']);
        if is_line_start { start..span.end } else { span }
    }
}

fn name(kind: LinkType) -> &'static str {
    match kind {
        LinkType::Inline => "inline",
        LinkType::Reference | LinkType::ReferenceUnknown => "reference",
        LinkType::Collapsed | LinkType::CollapsedUnknown => "collapsed",
        LinkType::Shortcut | LinkType::ShortcutUnknown | LinkType::WikiLink { .. } => "shortcut",
        LinkType::Autolink | LinkType::Email => "autolink",
    }
}

impl Prose {
    /// The tables by place, with offsets of the file.
    fn ordered(mut self, base: usize) -> Prose {
        let moved = |span: &mut Span| *span = span.start + base..span.end + base;
        for Heading { span, content, .. } in &mut self.headings {
            moved(span);
            moved(content);
        }
        for link in self.links.iter_mut().chain(&mut self.definitions) {
            moved(&mut link.span);
            let parts = [
                &mut link.content,
                &mut link.destination_span,
                &mut link.title_span,
                &mut link.label_span,
            ];
            parts.into_iter().flatten().for_each(moved);
        }
        for Code { span, content, .. } in &mut self.code {
            moved(span);
            moved(content);
        }
        for CodeSpan { span, content } in &mut self.spans {
            moved(span);
            moved(content);
        }
        self.anchors
            .iter_mut()
            .for_each(|Anchor { span, .. }| moved(span));
        self.footnotes
            .iter_mut()
            .for_each(|Footnote { span, .. }| moved(span));
        self.headings.sort_by_key(|row| row.span.start);
        self.links
            .sort_by_key(|row| (row.span.start, std::cmp::Reverse(row.span.end)));
        self.code.sort_by_key(|row| row.span.start);
        self.spans.sort_by_key(|row| row.span.start);
        self.anchors.sort_by_key(|row| row.span.start);
        self.footnotes.sort_by_key(|row| row.span.start);
        self
    }
}
