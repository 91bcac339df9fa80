//! Answers do not depend on what was asked before, nor on the numbers of files.

use std::collections::BTreeMap;

use clew_core::facts::{Def, FileId, Place, len32};

use crate::answers::{Question, Shown, answer, questions, told};
use crate::chance::Chance;
use crate::circles::{CIRCLES, Circle, ONCE_WRONG, OnceWrong};
use crate::forms::FLOWS;
use crate::soup;
use crate::trees::Tree;

const SHUFFLES: usize = 200;
/// Small trees of chance; more of them were looked through by hand.
const SOUPS: u64 = 60;
const SHUFFLES_OF_A_SOUP: usize = 3;

/// Questions whose answer is another one when others were asked before: `alone` answers one, `session` begins to answer many.
fn out_of_order<Session: FnMut(Question) -> String>(
    all: &[Question],
    alone: impl Fn(Question) -> String,
    session: impl Fn() -> Session,
    (seed, shuffles): (u64, usize),
) -> BTreeMap<Question, (String, String)> {
    let expected: BTreeMap<Question, String> = all.iter().map(|&one| (one, alone(one))).collect();
    let (mut chance, mut order) = (Chance::seeded(seed), all.to_vec());
    let mut found = BTreeMap::new();
    for _ in 0..shuffles {
        chance.shuffle(&mut order);
        let mut session = session();
        for &question in &order {
            let said = session(question);
            if said != expected[&question] {
                found.insert(question, (expected[&question].clone(), said));
            }
        }
    }
    found
}

/// The same for a linker of a tree, told for people; nothing when all is well.
fn disorder(tree: &Tree, seed: u64, shuffles: usize) -> Option<String> {
    let found = out_of_order(
        &questions(tree),
        |question| answer(tree, &tree.linker(), question),
        || {
            let linker = tree.linker();
            move |question| answer(tree, &linker, question)
        },
        (seed, shuffles),
    );
    let (question, (alone, later)) = found.first_key_value()?;
    let question = told(tree, &tree.linker(), *question);
    Some(format!(
        "{} answers, {question}\nalone:\n{alone}after others:\n{later}",
        found.len()
    ))
}

#[test]
fn answers_in_circles_do_not_depend_on_the_order_of_questions() {
    for circle in CIRCLES.iter().chain(FLOWS) {
        let tree = Tree::of(circle.iter().copied());
        let disorder = disorder(&tree, 1, SHUFFLES);
        assert!(disorder.is_none(), "{circle:#?}\n{}", disorder.unwrap());
    }
}

#[test]
fn answers_in_trees_of_chance_do_not_depend_on_the_order_of_questions() {
    for seed in 0..SOUPS {
        let files = soup::files(&mut Chance::seeded(seed));
        let tree = Tree::of(files.iter().map(|(path, text)| (&**path, &**text)));
        let disorder = disorder(&tree, seed, SHUFFLES_OF_A_SOUP);
        assert!(disorder.is_none(), "{files:#?}\n{}", disorder.unwrap());
    }
}

#[test]
fn answers_that_were_once_wrong_are_right() {
    for once in ONCE_WRONG {
        let tree = Tree::of(once.circle.iter().copied());
        let said = answer(&tree, &tree.linker(), asked(&tree, once.circle, once.asked));
        assert_eq!(
            said,
            places(&tree, once.circle, once.right),
            "{}",
            once.asked
        );
    }
}

/// A linker that answers as was once answered, when the second question is asked after the first.
fn spoilt<'a>(tree: &'a Tree, once: &'a OnceWrong) -> impl FnMut(Question) -> String + 'a {
    let (linker, mut is_spoilt) = (tree.linker(), false);
    move |question| {
        is_spoilt |= question == asked(tree, once.circle, once.before);
        match question == asked(tree, once.circle, once.asked) && is_spoilt {
            true => places(tree, once.circle, once.wrong),
            false => answer(tree, &linker, question),
        }
    }
}

#[test]
fn an_answer_that_depends_on_the_order_of_questions_is_seen() {
    for once in ONCE_WRONG {
        let tree = Tree::of(once.circle.iter().copied());
        let found = out_of_order(
            &questions(&tree),
            |question| answer(&tree, &tree.linker(), question),
            || spoilt(&tree, once),
            (1, SHUFFLES),
        );
        let found: Vec<Question> = found.into_keys().collect();
        assert_eq!(found, [asked(&tree, once.circle, once.asked)]);
    }
}

/// The question what the name means that stands behind the bar.
fn asked(tree: &Tree, circle: Circle, text: &str) -> Question {
    let (file, offset) = marked(tree, circle, text);
    let id = tree.linker().occurrence_at(file, offset).expect("a name");
    Question::DefinitionsAt(Place { file, id })
}

/// The answer that holds the definitions whose names stand behind the bars.
fn places(tree: &Tree, circle: Circle, texts: &[&str]) -> String {
    let linker = tree.linker();
    let shown = Shown {
        tree,
        linker: &linker,
    };
    let named = |text: &&str| {
        let (file, offset) = marked(tree, circle, text);
        let id = linker.unit(file).named_at(offset).next();
        let id = id.expect("a definition");
        shown.definition(Def { file, id }) + "\n"
    };
    texts.iter().map(named).collect()
}

/// The place of the bar in the one text around it.
fn marked(tree: &Tree, circle: Circle, text: &str) -> (FileId, u32) {
    let (plain, bar) = (text.replace('|', ""), text.find('|').expect("a bar"));
    let found = circle.iter().flat_map(|(path, source)| {
        let places = source.match_indices(&plain);
        places.map(move |(at, _)| (*path, len32(at + bar)))
    });
    let [(path, offset)] = found.collect::<Vec<_>>()[..] else {
        panic!("not one place: {text}");
    };
    let file = tree.files().find(|&file| tree.path(file) == path);
    (file.expect("a file of the circle"), offset)
}

#[test]
fn answers_do_not_depend_on_the_numbers_of_files() {
    let circles = CIRCLES.iter().map(|circle| owned(circle));
    let soups = (0..SOUPS).map(|seed| soup::files(&mut Chance::seeded(seed)));
    for files in circles.chain(soups) {
        let numbers: Vec<usize> = (0..files.len()).collect();
        let before = told_by_path(&files, &numbers);
        let mut by = numbers.clone();
        for _ in 1..files.len() {
            by.rotate_left(1);
            assert_eq!(told_by_path(&files, &by), before, "{by:?} of {files:#?}");
        }
        by.reverse();
        assert_eq!(told_by_path(&files, &by), before, "{by:?} of {files:#?}");
    }
}

fn owned(circle: Circle) -> Vec<(String, String)> {
    let files = circle.iter();
    files
        .map(|&(path, text)| (path.to_owned(), text.to_owned()))
        .collect()
}

/// A source under another numbering of the files; `by` says which number stands for which.
fn renumbered(text: &str, by: &[usize]) -> String {
    replaced(text, "./f", |number| by[number])
}

/// Paths in an answer as they were under the first numbering.
fn unnumbered(text: &str, by: &[usize]) -> String {
    let back = |number| by.iter().position(|&other| other == number);
    let lines = text.split_inclusive('\n');
    lines
        .map(|line| replaced(line, "f", |number| back(number).expect("all have a number")))
        .collect()
}

/// Every answer under another numbering of the files, told as if it were the first one, in order of text.
fn told_by_path(files: &[(String, String)], by: &[usize]) -> Vec<String> {
    let files: Vec<(String, String)> = files
        .iter()
        .map(|(path, text)| {
            (
                replaced(path, "f", |number| by[number]),
                renumbered(text, by),
            )
        })
        .collect();
    let tree = Tree::of(files.iter().map(|(path, text)| (&**path, &**text)));
    let linker = tree.linker();
    let mut found: Vec<String> = questions(&tree)
        .into_iter()
        .filter(|question| !matches!(question, Question::Impact(_)))
        .map(|question| {
            let said = unnumbered(&answer(&tree, &linker, question), by);
            let mut lines: Vec<&str> = said.lines().collect();
            lines.sort_unstable();
            let question = unnumbered(&told(&tree, &linker, question), by);
            format!("{question}\n{}", lines.join("\n"))
        })
        .collect();
    found.sort_unstable();
    found
}

/// The numbers behind `before` exchanged where a file is meant: a digit, then a quote or the dot of an extension.
fn replaced(text: &str, before: &str, by: impl Fn(usize) -> usize) -> String {
    let mut parts = text.split(before);
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        whole += before;
        let (number, rest) = part.split_at_checked(1).unwrap_or((part, ""));
        let is_file = [".js", ".ts", ".mjs", "'"]
            .iter()
            .any(|end| rest.starts_with(end));
        match number.parse::<usize>() {
            Ok(number) if is_file => whole += &by(number).to_string(),
            _ => whole += number,
        }
        whole += rest;
    }
    whole
}
